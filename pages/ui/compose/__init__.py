"""The composer: a draft, its editor, the phone that shows it, and the button that sends it."""
