"""What stands behind the command ``convx``: one file per sub-command and per helper."""
