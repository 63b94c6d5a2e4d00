# The front door. Every target is a command of sandbox/run, which installs what is missing under .loadstack first.
.DEFAULT_GOAL := help
.PHONY: help up deploy down status logs order trace dashboard dlq redrive replay iam-check reset seed load load-ui load-compare load-matrix load-history engine bench compat test test-slow template aws-plan openapi schemas lint lock

# What the commands read from their environment; give them as arguments: make up PORT=4600
export PORT ENGINE FLOW DEPLOY DATA COMPOSE_PROJECT_NAME ENDPOINT PYTHON SERVICE FUNCTION QUEUE ORDER SINCE UNTIL CONSUMER PRODUCTS FROM ONLY CONTENDERS ROUNDS VARIANT LIMIT AGAIN
export PAYMENT_PROVIDER STRIPE_API_BASE STRIPE_API_KEY STRIPE_WEBHOOK_SECRET
export MEMORY BATCH
# Not AWS_PROFILE and AWS_REGION: exported without a value they would be empty ones, and make passes on what is given anyway.
export STACK CONFIRM PARAMETERS
export TEMPLATE UNSUPPORTED
export LOG SPEED TO
export JSON
export SCENARIO RATE RATE_MAX PRECISION ARRIVALS SEED USERS THINK DURATION WARMUP DRAIN WORKERS MASTER HOST ALLOW_REMOTE SLO REPORTS UI_PORT A B TOLERANCE
# The words that were typed here, for sandbox/run to refuse those that no target knows.
ifeq ($(MAKELEVEL),0)
export TYPED_WORDS := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
endif

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up:  ## Start the sandbox and create the stack; again: update what changed (PORT=4566, ENGINE=host or compose, ENDPOINT=http://…, FLOW=choreography or saga, DEPLOY=api or template; TEMPLATE=path/to/template.yaml PARAMETERS="Key=Value …" for a stack of your own)
	@./sandbox/run up

deploy:  ## Build and update one service alone: make deploy SERVICE=orders
	@./sandbox/run deploy

down:  ## Stop everything that up started
	@./sandbox/run down

status:  ## Engine, resources, queue depths, function pools (./sandbox/run status exits 3 when nothing runs)
	@./sandbox/run status

logs:  ## Follow the logs of the engine and the functions (FUNCTION=orders for one)
	@./sandbox/run logs

order:  ## Place one real order and print its timeline
	@./sandbox/run order

trace:  ## The whole journey of one order, from the request to the mail, out of the logs: make trace ORDER=…
	@./sandbox/run trace

dashboard:  ## Open the page with live sales in a browser, or print its address
	@./sandbox/run dashboard

dlq:  ## What lies in the dead-letter queues, and why (QUEUE=payments for one)
	@./sandbox/run dlq

redrive:  ## Send dead letters back to where they failed: make redrive QUEUE=payments
	@./sandbox/run redrive

replay:  ## Send archived events to one consumer once more: make replay SINCE=10m CONSUMER=payments (UNTIL=5m)
	@./sandbox/run replay

iam-check:  ## What functions, APIs and state machines called, held against their roles: what has no grant, which grant nobody used (JSON=iam.json)
	@./sandbox/run iam-check

reset:  ## Empty all data and seed again; the stack stays
	@./sandbox/run reset

seed:  ## More products and users (PRODUCTS=10000 USERS=1000 in all), or those of an order log (FROM=orders.csv)
	@./sandbox/run seed

load:  ## Run a load scenario, write its report (SCENARIO=order RATE=5 DURATION=60 USERS= WORKERS= HOST= SLO= …; SCENARIO=replay LOG=orders.csv SPEED=600 FROM= TO=)
	@./sandbox/run load

load-ui:  ## The same scenarios in Locust's web UI (UI_PORT=8089 SCENARIO=order RATE= USERS= WORKERS= …)
	@./sandbox/run load-ui

load-matrix:  ## The same load on each cell of a grid, compared (FLOW=choreography,saga MEMORY=256,1024 BATCH=1,10 ROUNDS=4 SCENARIO= RATE= …)
	@./sandbox/run load-matrix

load-history:  ## List all load runs with their verdicts, and write reports/index.html anew: the trend by commit (REPORTS=reports)
	@./sandbox/run load-history

load-compare:  ## What got worse from some runs to others: make load-compare A=reports/x B=reports/y (TOLERANCE=10%)
	@./sandbox/run load-compare

engine:  ## LocalStack alone, without the shop, until Ctrl-C (PORT=, else a free one); what the pytest plugin starts
	@./sandbox/run engine

bench:  ## This engine beside stock LocalStack and ministack (ONLY=ping,orders CONTENDERS=loadstack,stock ROUNDS=3)
	@./sandbox/run bench

compat:  ## Which integration tests pass on stock LocalStack and ministack (ONLY=test_cart.py CONTENDERS= LIMIT=30 AGAIN=yes)
	@./sandbox/run compat

test:  ## All tests: unit, integration on a real LocalStack, load harness (ARGS="-k orders" for pytest; ENDPOINT= for another stack, FLOW=saga)
	@./sandbox/run test $(ARGS)

test-slow:  ## The slow tests: endurance, soak, fuzz, containers, browser (they want a Docker engine and Chromium)
	@./sandbox/run test-slow $(ARGS)

template:  ## Write the stack as an AWS SAM template, template.yaml, and the archives that it names
	@./sandbox/run template

aws-plan:  ## What a deployment to your AWS account would do: checks, then a change set that it does not execute (CONFIRM=<account> STACK=loadstack-shop FLOW= PARAMETERS="Key=Value" AWS_PROFILE= AWS_REGION=)
	@./sandbox/run aws-plan

openapi:  ## Write docs/openapi.yaml and shop_client/ anew, from the code of the services
	@./sandbox/run openapi

schemas:  ## Write the events' JSON Schemas from their models (functions/common/events/schemas)
	@./sandbox/run schemas

lint:  ## Linters, types and import rules
	@./sandbox/run lint

lock:  ## Compile requirements/*.txt anew from requirements/*.in
	@./sandbox/run lock
