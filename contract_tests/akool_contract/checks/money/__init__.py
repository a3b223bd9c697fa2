"""What jobs cost, and what happens when the credits run out."""
