"""Approvals on the page: the queue, the card of a case, plans of many, and the forms that request them."""
