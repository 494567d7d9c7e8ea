"""E-mail: composing a message from a letter, and handing it to an SMTP server."""
