# The front door. Every target is a command of sandbox/run, which installs what is missing under .loadstack first.
.DEFAULT_GOAL := help
.PHONY: help up deploy down status logs order dlq redrive reset seed load load-ui bench test test-slow openapi schemas lint lock

# What the commands read from their environment; give them as arguments: make up PORT=4600
export PORT ENGINE ENDPOINT PYTHON SERVICE FUNCTION QUEUE PRODUCTS FROM ONLY CONTENDERS ROUNDS VARIANT
export SCENARIO RATE ARRIVALS SEED USERS THINK DURATION WARMUP DRAIN WORKERS MASTER HOST ALLOW_REMOTE SLO REPORTS UI_PORT

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up:  ## Start the sandbox and create the stack; again: update what changed (PORT=4566, ENDPOINT=http://…)
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

dlq:  ## What lies in the dead-letter queues, and why (QUEUE=payments for one)
	@./sandbox/run dlq

redrive:  ## Send dead letters back to where they failed: make redrive QUEUE=payments
	@./sandbox/run redrive

reset:  ## Empty all data and seed again; the stack stays
	@./sandbox/run reset

seed:  ## More products and users (PRODUCTS=10000 USERS=1000 in all), or those of an order log (FROM=orders.csv)
	@./sandbox/run seed

load:  ## Run a load scenario, write its report (SCENARIO=order RATE=5 DURATION=60 USERS= WORKERS= HOST= SLO= …)
	@./sandbox/run load

load-ui:  ## The same scenarios in Locust's web UI (UI_PORT=8089 SCENARIO=order RATE= USERS= WORKERS= …)
	@./sandbox/run load-ui

bench:  ## This engine beside stock LocalStack and ministack (ONLY=ping,orders CONTENDERS=loadstack,stock ROUNDS=3)
	@./sandbox/run bench

test:  ## All tests: unit, integration on a real LocalStack, load harness (ARGS="-k orders" for pytest)
	@./sandbox/run test $(ARGS)

test-slow:  ## The slow tests: endurance, soak, fuzz, containers, browser (they want a Docker engine and Chromium)
	@./sandbox/run test-slow $(ARGS)

openapi:  ## Write docs/openapi.yaml and shop_client/ anew, from the code of the services
	@./sandbox/run openapi

schemas:  ## Write the events' JSON Schemas from their models (functions/common/events/schemas)
	@./sandbox/run schemas

lint:  ## Linters, types and import rules
	@./sandbox/run lint

lock:  ## Compile requirements/*.txt anew from requirements/*.in
	@./sandbox/run lock
