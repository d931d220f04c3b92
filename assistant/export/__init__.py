"""Documents that leave the product: Word in the official format, Excel ledgers, JSON."""
