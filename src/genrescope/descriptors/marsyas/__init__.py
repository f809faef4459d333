"""The timbral song vector of Marsyas: 124 values, per the 2012 program's single-file run."""
