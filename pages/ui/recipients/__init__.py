"""Pieces of the Recipients page: the list, one recipient, the form of a recipient, and files of them."""
