"""The shell: what Streamlit runs. Nobody reaches a page but through it."""

import streamlit as st

from pages.ui import dialogs, frame, menu, session, signin

frame.configure()
person = session.person()
page = st.navigation(menu.pages(person), position="sidebar" if person else "hidden", expanded=True)
frame.banner()

if person is None:
    signin.show(page.title)
else:
    entry = menu.entry_of(page)
    st.logo(frame.logo_file(), size="large")
    frame.account_menu(person)
    person = session.seen(person)
    session.watch(person)
    if person.actor.may(entry.permission):
        with session.staying(person):
            dialogs.standing(page.url_path)
            page.run()
    else:
        frame.closed(entry.title, person, entry.permission)
