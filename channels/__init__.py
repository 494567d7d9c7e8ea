"""Messages that go out: letters become e-mail (or a dossier) and leave by SMTP."""
