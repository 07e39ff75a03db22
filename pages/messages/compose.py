"""Compose: a message in the making, on a phone beside it, and sent to a test recipient; or where to begin one."""

import streamlit as st

from data.queries import drafts
from pages.ui import plans, resources
from pages.ui.compose import composer, landing

asked = st.query_params.get(composer.ASKED, "")
with resources.reading() as session:
    found = drafts.one(session, asked) if asked else None

plans.said()
if found is None:
    landing.show(asked)
else:
    composer.show(found.id)
