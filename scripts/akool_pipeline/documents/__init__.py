"""Documents as data: read safely, with a line for every place, pointers and values in them."""
