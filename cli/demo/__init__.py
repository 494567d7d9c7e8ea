"""`termijn demo`: the whole service on a sample portfolio, and a story of less than two minutes."""
