"""Pieces of interface for disconnects: the buttons, the plan, what became of each row, and the receipts."""
