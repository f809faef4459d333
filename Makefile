# Needs python3 (3.11 or newer) and make; everything else is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
# Compiled modules are kept: without them every process of a test compiles TensorFlow anew.
export PYTHONDONTWRITEBYTECODE =
# Three of the thirteen sets, and four side by side: all of them take longer than a demo may.
DEMO_SETS ?= rh,ssd,marsyas_timbral,ssd+marsyas_timbral+jmir_mfcc+jmir_lpc

.PHONY: install demo test lint docs clean

install: $(VENV)/.installed

# uv takes a fifth of pip's time, and is fetched where it is missing; pip is left for a network that
# only pip is configured for. Modules are compiled when they are first imported: compiling all of
# them takes as long as fetching them.
define installed
$(PYTHON) -m venv $(VENV)
uv=$$(command -v uv) || { $(PIP) uv && uv=$(BIN)/uv; }; \
	"$$uv" pip install --quiet --python $(BIN)/python -e '.[$(1)]' || $(PIP) --no-compile -e '.[$(1)]'
touch $@
endef
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/.installed: pyproject.toml
	$(call installed,dev)

$(VENV)/.with-training: pyproject.toml
	$(call installed,train)

demo: $(VENV)/.with-training
	$(BIN)/genrescope benchmark gtzan --sets $(DEMO_SETS) --learners student,perceptron,kda --output $(DEMO)
	-$(BIN)/genrescope models add
	$(BIN)/genrescope classify tests/data/reference/audio
	$(BIN)/genrescope benchmark songs $(DEMO)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is written from the source, to which tests hold it.
docs: install
	$(BIN)/python docs/make_cli.py docs/cli.md
	$(BIN)/python docs/make_architecture.py docs/pictures/architecture.svg
	$(BIN)/python docs/make_model_cards.py docs/model_cards

test: lint
	$(BIN)/pytest $(WORKERS)
	$(JAX) $(BIN)/pytest $(WORKERS) -m 'not slow' tests/learning/test_networks.py tests/learning/test_training.py

# JAX takes far longer to compile these small networks than to train them: it optimises little, and
# compiles once what several tests compute.
JAX := KERAS_BACKEND=jax JAX_DISABLE_MOST_OPTIMIZATIONS=1 \
	JAX_COMPILATION_CACHE_DIR=$(abspath $(VENV))/jax \
	JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1
WORKERS := -n 2 --dist worksteal

clean:
	rm -rf $(VENV) $(DEMO) build dist site
