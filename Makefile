# What each target is for stands above it; `make` alone runs the services.
.DEFAULT_GOAL := run

# What a process compiles is kept for the next, whatever the environment says: the tests start some hundred.
export PYTHONDONTWRITEBYTECODE =

# --- Tests ------------------------------------------------------------------------------------------------------------

.PHONY: test quick coverage lint guide pins

# Everything that CI runs.
test: lint coverage
	.venv/bin/pytest -n 2 --dist worksteal -m "slow or around or untraced"

# Rules and units alone.
quick: .venv/installed
	.venv/bin/pytest -n 2 -m "not slow and not around and not files and not queries"

# Rules and units, files and queries, and which branches of shared/ and functions/ they take, but for modules that hardly
# take one alone (untraced); fails below the least of pyproject.toml.
coverage: .venv/installed
	.venv/bin/pytest -n 2 --dist worksteal -m "not slow and not around and not untraced" --cov

lint: .venv/installed lint-template
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

# Make the generated parts of docs/integradores.md anew.
guide: .venv/installed
	.venv/bin/python -m docs

PINNED = requirements-uv requirements requirements-bulk requirements-certificate requirements-dev requirements-deploy requirements-bench requirements-mutants \
	rehearsal/emulator rehearsal/runtime

# Pin what the *.in files and package.json ask for, with hashes and without addresses. Needs npm.
pins: .venv-uv/installed
	for each in $(PINNED); do \
		.venv-uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make pins" $$each.in -o $$each.txt || exit 1; \
	done
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

# --- Build and deploy -------------------------------------------------------------------------------------------------

.PHONY: build deploy-test lint-template

# What the functions run on: arm64 or x86_64, the same as the template's parameter of this name.
ARCHITECTURE ?= arm64
export ARCHITECTURE
LAMBDA_PLATFORM = --python-platform $(subst arm64,aarch64,$(ARCHITECTURE))-manylinux_2_28
LAMBDA_PYTHON = 3.13
# Where `make build` puts what it makes, if not into .aws-sam.
BUILD_DIR ?= .aws-sam/build
export SAM_CLI_TELEMETRY = 0

.venv-deploy/installed: requirements-deploy.txt .venv-uv/installed
	$(call environment,$(PYTHON))

# `sam` finds `python3` in its own environment, whatever the machine has.
build: .venv-deploy/installed
	.venv-deploy/bin/sam validate --lint
	PATH="$(CURDIR)/.venv-deploy/bin:$(CURDIR)/.venv-uv/bin:$$PATH" sam build --build-dir $(BUILD_DIR) \
		--parameter-overrides Architecture=$(ARCHITECTURE)

# Deploy what is here to an emulator of AWS on this machine, call it, change it, break it and remove it; needs Lambda's own
# Python, and nothing of AWS. What it does and why it proves something: rehearsal/__main__.py.
deploy-test: .venv/installed .venv-deploy/installed .venv-emulator/installed .venv-runtime/installed
	@$(MAKE) --no-print-directory build ARCHITECTURE=$(REHEARSAL_ARCHITECTURE) BUILD_DIR=.local/rehearsal/build
	@.venv/bin/python -W ignore -m rehearsal $(REHEARSAL_ARCHITECTURE)

REHEARSAL_ARCHITECTURE = $(subst aarch64,arm64,$(shell uname -m))

# The emulator runs the functions with its own Python, and the runtime's client is compiled: both must be Lambda's version.
.venv-emulator/installed .venv-runtime/installed: .venv-%/installed: rehearsal/%.txt .venv-uv/installed
	@python$(LAMBDA_PYTHON) -c "" || { echo 'Falta python$(LAMBDA_PYTHON), el de Lambda, en el PATH.' >&2; exit 1; }
	$(call environment,python$(LAMBDA_PYTHON))

lint-template: .venv/installed
	.venv/bin/cfn-lint template.yaml

# What a function carries beyond the services' own: `bulk`, `certificate` or nothing (requirements-*.in, pack.py).
KIND = $(if $(filter Bulk%,$*),bulk)$(if $(filter Certificate%,$*),certificate)

# What SAM calls for each function (template.yaml, BuildMethod); all of them hold the same code, and those of bulk loads and
# of certificates more packages.
# uv must be on PATH, and pack.py needs PyYAML of SAM's environment. Bytecode more than halves a cold start, and only Lambda's
# own version of Python can make it; the rest of the build runs on any.
build-%:
	uv pip install --quiet --require-hashes --requirement requirements$(addprefix -,$(KIND)).txt --target "$(ARTIFACTS_DIR)" --link-mode copy \
		$(LAMBDA_PLATFORM) --python-version $(LAMBDA_PYTHON) --only-binary :all:
	python3 pack.py "$(ARTIFACTS_DIR)" $(KIND)
	find "$(ARTIFACTS_DIR)" \( -name __pycache__ -o -name .lock \) -prune -exec rm -r {} +
	@if python$(LAMBDA_PYTHON) -c "" 2>/dev/null; \
	then python$(LAMBDA_PYTHON) -m compileall -q --invalidation-mode unchecked-hash \
		-s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"; \
	else echo "No python$(LAMBDA_PYTHON) on PATH: built without bytecode, cold starts will be slower." >&2; fi

# --- Environment and local run ----------------------------------------------------------------------------------------

.PHONY: run reset carga reporte verificar ejemplos

PYTHON ?= python3

define new_enough
	@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Se necesita Python 3.11 o posterior; si tiene otro nombre: make PYTHON=python3.12 ...' >&2; exit 1; }
endef

# uv installs what is pinned in a fifth of pip's time; pip only brings uv.
.venv-uv/installed: requirements-uv.txt
	$(call new_enough,$(PYTHON))
	$(PYTHON) -m venv --clear .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	touch $@

# uv trusts whom the machine trusts, as pip does, and takes the Pythons that it has.
export UV_SYSTEM_CERTS ?= 1
export UV_PYTHON_DOWNLOADS ?= never

# An environment of its own for what is pinned in the target's first prerequisite, with this Python; by its path, since uv may
# know another of the same name.
define environment
	$(call new_enough,$(1))
	.venv-uv/bin/uv venv --quiet --clear --python "$$($(1) -c 'import sys; print(sys.executable)')" $(@D)
	.venv-uv/bin/uv pip install --quiet --require-hashes --python $(@D) --requirement $<
	touch $@
endef

.venv/installed: requirements-dev.txt .venv-uv/installed
	$(call environment,$(PYTHON))

# The services at http://127.0.0.1:8000, or `make run PORT=8001`. Python's warnings are for `make test`.
run: .venv/installed
	@.venv/bin/python -W ignore -m local

# Load a file into the services that run here, and follow it to its end: `make carga FILE=actos.csv TIPO=actoDocumento`.
# TIPO is actoDocumento, liquidacion or pago; VALIDAR=1 only checks; NIT=... is the demo's entity that reports (its first).
carga: .venv/installed
	@.venv/bin/python -W ignore -m local carga "$(FILE)" "$(TIPO)" $(if $(VALIDAR),--validar) $(if $(NIT),--nit "$(NIT)")

# Bring a report of what is registered here: `make reporte TIPO=fechaActoDocumento DESDE=2024-01-01 HASTA=2024-12-31`.
# TIPO is fechaActoDocumento or fechaRegistroPago; ENTIDAD=TODAS or a decentralised entity's NIT; NIT=... as above.
reporte: .venv/installed
	@.venv/bin/python -W ignore -m local reporte "$(TIPO)" "$(DESDE)" "$(HASTA)" $(if $(ENTIDAD),--entidad "$(ENTIDAD)") $(if $(NIT),--nit "$(NIT)")

# Is a certificate genuine? Says so without any connection: `make verificar FILE=constancia.pdf LLAVE=llave.pem`. FILE may also be
# what constancia/obtener answered, and LLAVE what constanciaLlave/obtener did.
verificar: .venv/installed
	@.venv/bin/python -W ignore -m local.verify "$(FILE)" "$(LLAVE)"

# Register at the services that run here what the examples of docs/consultas.md are about.
ejemplos: .venv/installed
	@.venv/bin/python -W ignore -m docs.queries

# Forget what `make run` has stored.
reset: .venv/installed
	@.venv/bin/python -W ignore -m local reset

# --- Proof ------------------------------------------------------------------------------------------------------------

.PHONY: prove prove-sizes

# The guarantees in full, some twenty minutes on two cores: histories, faults, kills, changes, model, then files and reports of
# many rows and killed workers of loads. `make prove SEED=7 ONLY=faults` repeats a part of a run, `make prove-sizes` the latter.
prove: .venv/installed
	@.venv/bin/python -W ignore -m tests.proof
	@$(if $(ONLY),,$(MAKE) --no-print-directory prove-sizes)

prove-sizes: .venv/installed
	FULL_SIZES=1 .venv/bin/pytest -n 2 -m full

.PHONY: hostile

# Hostile input in full, some five minutes: Schemathesis on the running service, then the schema against the code.
# `make hostile SEED=7` repeats a run.
hostile: .venv/installed
	@.venv/bin/python -W ignore -m tests.hostile $(SEED)

.PHONY: mutants

# Do the tests bite? Changes validation, ledger, money and auth in every small way, some forty minutes on two cores, and fails
# if the rules and units let more than a tenth pass, or one without a reason. `make mutants ONLY='shared.money.*'` tries some of them again.
mutants: .venv-mutants/installed
	@.venv-mutants/bin/python -m tests.mutants $(ONLY)

.venv-mutants/installed: requirements-mutants.txt .venv-uv/installed
	$(call environment,$(PYTHON))

# --- Speed ------------------------------------------------------------------------------------------------------------

.PHONY: bench

# What a call costs beside other choices (docs/performance.md), some fifteen minutes. FULL=1 adds a table of a million records,
# RECORD=1 writes the figures into that page, WRITE_PRICE=0.625 is USD per million write request units.
bench: .venv-bench/installed
	@.venv-bench/bin/python -W ignore -m bench

# Lambda's Python, where the machine has it.
BENCH_PYTHON = $(shell python$(LAMBDA_PYTHON) -c "" 2>/dev/null && echo python$(LAMBDA_PYTHON) || echo $(PYTHON))

.venv-bench/installed: requirements-bench.txt .venv-uv/installed
	$(call environment,$(BENCH_PYTHON))
