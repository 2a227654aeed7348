.PHONY: train detect

train: .venv/.installed ## score a series and record a run  DATA=my.csv  ARGS="--risk=0.01"
	$(PYTHON) train.py $(if $(DATA),--data="$(DATA)") $(ARGS)

detect: .venv/.installed ## find anomalies in a new series   DATA=new.csv  ARGS="--run runs/…"
	$(if $(DATA),,$(error which series? make detect DATA=new.csv))
	$(PYTHON) detect.py --data="$(DATA)" $(ARGS)
