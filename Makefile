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

# uv where it exists (several times faster), pip where not.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[dev]'; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	touch $@

demo: install
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
	$(BIN)/pytest -n 2
	KERAS_BACKEND=jax $(BIN)/pytest -n 2 -m 'not slow' tests/learning/test_networks.py tests/learning/test_training.py

clean:
	rm -rf $(VENV) $(DEMO) build dist site
