# Every target in one line: `make help`.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
RUN := .venv/bin/akool-faceswap
# Many containers forbid Python to keep its bytecode. The tests start it hundreds of times, and
# without the cache each start compiles our modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: #- list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "for maintainers:"
	@awk -F ':.*#- ' '/^[a-z -]+:.*#- /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup setup-demo
setup: #- make .venv and install everything from the hash-checked lock
	@scripts/setup.sh dev
setup-demo:
	@scripts/setup.sh demo

.PHONY: demo
demo: setup-demo ## build contract and client, start the simulator, run one whole swap against it
	@$(PY) scripts/demo.py

# One more than there are cores: many tests wait, for a socket or for another process.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
.PHONY: test
test: setup node-tests ## run every test that needs no network
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup

# Tracing every line makes the tests take 1.75 times as long, and proves nothing by itself.
.PHONY: coverage
coverage: setup #- `make test`, and which lines and branches no test runs
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered --cov-report=xml:.coverage.xml

.PHONY: test-browser
test-browser: setup #- the dashboard in a real browser (Debian: apt-get install chromium)
	$(PY) -m pytest -m browser

.PHONY: prism-setup
prism-setup: setup #- install the locked prism-cli ahead of its first use; needs Node
	@$(PY) -m akool_mock.prism

.PHONY: mock
mock: setup-demo ## start the simulator; prints address, credentials and a curl line
	@$(RUN) mock

.PHONY: kill
kill: setup #- the proof of the batch journal, longer than in `make test`: SIGKILL until 1000 rows are done
	AKOOL_KILL_ROWS=1000 AKOOL_KILLS=100 $(PY) -m pytest -s tests/cli/test_batch_killed.py

.PHONY: nightly
nightly: setup #- every property with 1,000 examples, those of answers and webhooks with 10,000; 200 servers that overcharge; 50 kills; hours
	AKOOL_KILL_ROWS=500 AKOOL_KILLS=50 $(PY) -m pytest tests/cli/test_batch_killed.py
	HYPOTHESIS_PROFILE=nightly $(PY) -m pytest -n 2 --timeout=0 --durations=0 --durations-min=60 tests/client/test_any_answer.py tests/client/test_webhooks.py tests/contract/test_budget.py
	HYPOTHESIS_PROFILE=thorough $(PY) -m pytest -n 2 --dist loadgroup --timeout=0 $$(grep -rl --include='test_*.py' '@given(' tests)

.PHONY: mutation
mutation: setup #- plant faults and count those that the tests find; hours (PART=diff SAMPLE=100 SEED=3: only so many)
	@scripts/install_lock.sh $(PY) requirements/mutation.txt . -e
	@$(PY) scripts/mutation.py $(PART) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

.PHONY: contract mutants
contract: setup ## hold the simulator, in process, to the contract
	@$(RUN) verify --target simulator
mutants: setup #- the proof that the contract suite bites: every defect alone, on two servers; an hour; writes docs/mutants.md
	@$(PY) -m akool_contract_proof

.PHONY: spec generate
spec: setup-demo #- merge the fragments, apply the overlays, validate, write the contract
	@$(PY) -m akool_pipeline build
generate: spec ## the contract, the client generated from it, the blocking face of ours
	@$(PY) -m akool_pipeline generate
	@$(PY) scripts/twins.py

# Tools from npm, from their own lock: the linters of OpenAPI and of prose, and pyright. Nothing that builds needs them.
NODE_TOOLS := scripts/node/node_modules/.package-lock.json
$(NODE_TOOLS): scripts/node/package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "make: npm not found: install Node 20 or newer; only the linters need it" >&2; exit 2; }
	npm ci --prefix scripts/node --ignore-scripts --no-audit --no-fund
	@touch $@

# Tests that ask tools of others need these too; where there is no Node they are skipped.
.PHONY: node-tests
node-tests:
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory $(NODE_TOOLS); fi

SWAGGER_UI := mock/akool_mock/_control/dashboard/swagger_ui
.PHONY: swagger-ui
swagger-ui: $(NODE_TOOLS) #- copy Swagger UI, for the mock's API reference, from its locked npm package
	@cd scripts/node/node_modules/swagger-ui-dist && cp swagger-ui.css swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt LICENSE NOTICE $(CURDIR)/$(SWAGGER_UI)/
	@node -p 'require("./scripts/node/node_modules/swagger-ui-dist/package.json").version' > $(SWAGGER_UI)/VERSION

.PHONY: regenerate rebuild
regenerate: refresh rebuild ## the docs changed: do every step that needs no decision, say what is left
rebuild: generate contract-page #- contract, client, contract page, changelog and the tests of the contract
	@$(PY) -m akool_pipeline changelog || [ $$? = 1 ]  # a version that is too low is told below
	@failed=; \
	echo "what the client names and the contract does not have:"; $(PY) -m mypy client || failed="$$failed client"; \
	$(PY) -m pytest -q tests/pipeline/test_contract.py tests/pipeline/test_extensions.py || failed="$$failed tests"; \
	$(RUN) verify --target simulator || failed="$$failed verify"; \
	$(PY) -m akool_pipeline status || failed="$$failed status"; \
	[ -z "$$failed" ] || { echo "make: rebuilt, and failed in:$$failed; see above" >&2; exit 1; }

.PHONY: refresh changelog contract-page lint-spec
refresh: setup-demo ## fetch the docs pages and update the fragments: all of them or none
	@$(PY) -m akool_pipeline refresh
changelog: spec #- write what changed in the contract since the last release into CHANGELOG.md
	@$(PY) -m akool_pipeline changelog
contract-page: setup #- write docs/contract.md: each operation's parts, each contradiction's decision
	@$(PY) scripts/contract_page.py
lint-spec: setup-demo $(NODE_TOOLS) #- lint the contract with Redocly, and the raw pages for docs/; needs Node
	@$(PY) -m akool_pipeline lint --redocly scripts/node/node_modules/.bin/redocly

.PHONY: check lint types prose
check: lint types prose ## lint and type-check the hand-written code; lint the English of the docs
lint: setup #- ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
prose: $(NODE_TOOLS) #- textlint: README, CONTRIBUTING and docs in plain English
	cd scripts/node && node_modules/.bin/textlint --config .textlintrc.json ../../README.md ../../CONTRIBUTING.md "../../docs/**/*.md"
types: setup $(NODE_TOOLS) #- mypy --strict and pyright
	$(PY) -m mypy
	scripts/node/node_modules/.bin/pyright

.PHONY: docs pictures bench-comparison
docs: setup ## build the documentation site into site/ (offline)
	$(PY) -m sphinx -q -W --keep-going -b html docs site
pictures: setup #- take the pictures of the docs from real runs (needs Chromium)
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) scripts/pictures.py
bench-comparison: setup #- the plain stack and this project, the same answers and the same job (needs Node)
	@$(PY) benchmarks/comparison.py

# Other Pythons than that of .venv: `make newest PYTHONS="python3.12 python3.13"`.
.PHONY: newest oldest
newest oldest: setup #- what people run, of each extra, with the newest (oldest) versions that our bounds allow
	@$(PY) -m akool_installs $@ $(PYTHONS)

.PHONY: lock clean
lock: #- resolve the lock files again (with uv: the one of `make setup`, or another)
	requirements/lock.sh
clean: ## remove what was built or installed here
	rm -rf .venv dist build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis mock/prism/node_modules
