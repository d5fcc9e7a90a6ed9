.DEFAULT_GOAL := help
.PHONY: help run test test-fast check types train tune tune-env stock-env bench screenshots lock sbom audit clean
# VENTANILLA_TIED: `ventanilla run` ends when make does, even when make is killed.
# Compiled modules are kept, since a test run starts hundreds of processes.
export PYTHONDONTWRITEBYTECODE =
# What keys and tokens look like: private keys, age, Telegram, Twilio, GitHub, AWS.
SECRETS = -----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1[0-9A-Z]{20}|[0-9]{8,10}:AA[A-Za-z0-9_-]{32}|\bSK[0-9a-f]{32}\b|ghp_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: .python ## Install what is missing, then start everything
	@VENTANILLA_TIED=1 exec .venv/bin/ventanilla run

test: .python-dev ## Run every test, several files at a time, and what fails once more alone; first prepare what takes long to make
	@.venv/bin/python -m tests.prepare
	@.venv/bin/python -m tests.again

test-fast: .python-dev ## Run what needs no server but Valkey, in less than a minute
	@.venv/bin/python -m pytest -n 2 $(wildcard tests/unit tests/lua)

check: .python-dev ## Lint, format, import and type checks, list of libraries, advisories where they can be asked; of Lua, JavaScript and compose too, where their tools are
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/mypy
	@.venv/bin/mypy --config-file benchmarks/mypy.ini
	@.venv/bin/python -m scripts.asvs
	@.venv/bin/python scripts/sbom.py
	@if .venv/bin/python scripts/advisories.py --reachable; then $(MAKE) -s audit AUDIT=--fixable-only; fi
	@! git grep -nIE -e "$(SECRETS)" -- . ":!tests" ":!Makefile" || { echo "a secret seems to be in the repository"; exit 1; }
	@.venv/bin/hadolint deploy/Dockerfile deploy/proxy.Dockerfile
	@if docker compose version > /dev/null 2>&1; then docker compose config --quiet; \
	else echo "docker compose is not here, so docker-compose.yml was not checked"; fi
	@if command -v luacheck > /dev/null; then luacheck -q bot/store/lua; \
	else echo "luacheck is not here, so the Lua scripts were not checked (Debian: apt-get install lua-check)"; fi
	@if [ -f tests/front/node_modules/stamp ]; then npm --prefix tests/front run -s check; \
	else echo "JavaScript not checked: tests/front is not installed (it needs node 18 or newer, and npm)"; fi

types: .python-dev ## Write the JavaScript's types anew from the API's shapes
	@.venv/bin/python -m scripts.front_types

train: .python ## Train Rasa's own intents now
	@.venv/bin/ventanilla train

tune: tune-env ## Tune the encoder's adapter anew (about half an hour)
	@.venv-tune/bin/python -m bot.tuning --out data/encoder/adapter.safetensors

tune-env: ## Install what tuning needs, in .venv-tune
	@python=$$(scripts/python-3.11) && "$$python" scripts/bootstrap.py tune

stock-env: ## Install the whole of Rasa in .venv-stock, for the benchmarks that compare with it (needs Python 3.10)
	@python=$$(scripts/python-3.11) && "$$python" scripts/bootstrap.py stock

bench: .python-dev ## Measure the answers: beside a floor, with few utterances, on unknown matters (minutes)
	@.venv/bin/python benchmarks/answering.py
	@.venv/bin/python benchmarks/few_utterances.py
	@.venv/bin/python benchmarks/unknown_topics.py

screenshots: .python-dev ## Take the pictures of the docs anew, from a running assistant
	@.venv/bin/python -m scripts.screenshots

lock: ## Resolve requirements/*.in again into *.txt (needs uv)
	@cd requirements && uv pip compile -q bot.in --python-version 3.11 --generate-hashes --universal -o bot.txt
	@cd requirements && uv pip compile -q dev.in -c bot.txt --python-version 3.11 --generate-hashes --universal -o dev.txt
	@cd requirements && uv pip compile -q --config-file rasa.toml rasa.in --python-version 3.11 --generate-hashes --universal -o rasa.txt
	@cd requirements && uv pip compile -q rasa-stock.in --python-version 3.10 --generate-hashes --universal -o rasa-stock.txt

sbom: ## List every library with version and hashes, as CycloneDX: sbom-bot.cdx.json, sbom-rasa.cdx.json
	@$$(scripts/python-3.11) scripts/sbom.py

audit: ## Compare the locked libraries with published advisories (needs network), in .venv-audit
	@python=$$(scripts/python-3.11) && test -x .venv-audit/bin/pip-audit \
	|| { "$$python" -m venv .venv-audit && .venv-audit/bin/pip install -q pip-audit==2.10.1; } \
	|| { echo "pip-audit cannot be installed from here, so nothing was audited."; \
	echo "  Fix: run \`make audit\` where the Python package index can be reached."; exit 1; }
	@.venv-audit/bin/python scripts/advisories.py .venv-audit/bin/pip-audit $(AUDIT)

clean: ## Remove environments and state, conversations included
	@rm -rf .venv .venv-rasa .venv-stock .venv-tune .venv-audit .ventanilla

.PHONY: .python .python-dev
.python:
	@python=$$(scripts/python-3.11) && "$$python" scripts/bootstrap.py run

.python-dev:
	@python=$$(scripts/python-3.11) && "$$python" scripts/bootstrap.py dev
