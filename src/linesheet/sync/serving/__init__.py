"""What endpoints are made of, on every floor that has some: who calls, problems, pages of a collect, kept answers."""
