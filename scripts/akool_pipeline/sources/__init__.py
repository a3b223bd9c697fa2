"""Where fragments come from: the vendor's docs pages, fetched, read and compared."""
