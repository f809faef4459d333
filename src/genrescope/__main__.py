"""`python -m genrescope`."""

from genrescope.cli.app import main

if __name__ == "__main__":
    main()
