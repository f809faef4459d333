"""Where the one-file program begins: a worker process of it is the same file, called again."""

import multiprocessing

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from genrescope.cli.app import program

    program()
