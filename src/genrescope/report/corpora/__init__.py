"""Tables of benchmarks on corpora of audio: on the page, in the terminal, and as documents."""
