"""Evidence 证据: what is handed to somebody who has neither the database nor a network, and how it is checked."""
