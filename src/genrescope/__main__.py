"""`python -m genrescope`."""

from genrescope.cli.app import program

if __name__ == "__main__":
    program()
