PYTHON ?= python3
VENV ?= .venv
SEED ?= 7
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SUITE := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
WITH_SLOW := "not real and not server and not browser and not long"
unexport PYTHONDONTWRITEBYTECODE  # the tests start tlkit hundreds of times: compiled once is enough

.PHONY: cats test test-all check check-tests doctest coverage test-real test-long browser-test hub-test torch-test compat torture going-on fuzz audit wheel release bench site clean

cats: $(READY)          ## draw cats and dogs, train on them, show the score
	$(BIN)/tlkit run recipes/cats.yaml

test: $(READY)          ## all tests but the slow ones, and the examples of all docstrings (a quarter of an hour on two cores)
	$(SUITE)
	$(MAKE) doctest

test-all: $(READY)      ## what CI runs: the slow tests too (30 minutes)
	$(SUITE) -m $(WITH_SLOW)
	$(MAKE) doctest

check: $(READY)         ## format, lint, types, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) check-tests

check-tests: $(READY)   ## the fast tests of every package, within a minute
	$(BIN)/python -m pytest -n 2 --dist loadfile --fast tests

doctest: $(READY)       ## the examples of all docstrings
	$(BIN)/python -m pytest --doctest-modules tlkit

coverage: $(READY)      ## which lines the whole suite reaches, in coverage/index.html (without what other processes run)
	$(SUITE) -m $(WITH_SLOW) --cov --cov-report=term:skip-covered --cov-report=html:coverage

test-real: $(READY)     ## tests on real data and with a real MLflow server
	$(BIN)/python -m pytest -m "real or server" -s

test-long: $(READY)     ## the long forms of what the suite has short: all of scikit-learn's checks of its contract, the determinism of all that tlkit does, the notebooks
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[notebooks]'
	$(BIN)/python -m pytest -m long

browser-test: $(READY)  ## MLflow's pages, the report and the site in Chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[browser,docs]'
	$(BIN)/python -m pytest -m browser -rs

hub-test: $(READY)      ## presets of KerasHub, small ones made by the tests themselves
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[hub]'
	$(BIN)/python -m pytest tests/pretrained/test_hub_presets.py -rs

torch-test: $(READY)    ## export as a program of PyTorch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[torch]'
	$(BIN)/python -m pytest tests/exporting/test_torch_format.py -rs

compat: $(READY)        ## what tlkit uses of its dependencies' private parts, with the oldest and the newest releases allowed
	$(BIN)/python bench/compat.py

torture: $(READY)       ## kills, full disks, moved clocks, two at once: the same end, to the bit? SEED=11 for others (20 minutes)
	$(BIN)/python bench/torture.py --seed $(SEED)

going-on: $(READY)      ## a run killed ten times, and one on a machine that is taken away every 90 seconds: what is lost? (25 minutes)
	$(BIN)/python bench/going_on.py --seed $(SEED)

fuzz: $(READY)          ## mutated recipes, damaged files, parsers on files of any content; SEED=11 for others (30 minutes)
	$(BIN)/python bench/mutated_recipes.py --seed $(SEED)
	$(BIN)/python bench/damaged_files.py --seed $(SEED)
	$(BIN)/python -m pytest tests/fuzz --hypothesis-profile=many --hypothesis-seed=$(SEED)

audit: $(READY)         ## known faults of the releases in constraints.txt, and ruff's rules of security
	$(BIN)/python bench/audit.py audit

wheel: $(READY)         ## the wheel and its bill of materials (CycloneDX), in dist/
	$(BIN)/python bench/audit.py wheel

release: $(READY)       ## of this commit, in dist/VERSION: sdist and wheel, built twice to equal bytes, checked; then the tag
	$(BIN)/python bench/release.py

site: $(READY)          ## the documentation in site/, links and spelling checked; look at it: python3 -m http.server -d site
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	$(BIN)/python bench/site/spelling.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(READY)         ## the tables of docs/benchmarks.md
	$(BIN)/python bench/frozen.py
	$(BIN)/python bench/extraction.py
	$(BIN)/python bench/scratch.py
	$(BIN)/python bench/memory.py
	$(BIN)/python bench/record.py

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tlkit needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:                  ## remove the environment
	rm -rf $(VENV)
