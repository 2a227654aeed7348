.PHONY: train forecast

train: .venv/.installed ## judge the model on the past    DATA=my.csv  ARGS="--horizon=12"
	$(PYTHON) train.py $(if $(DATA),--data="$(DATA)") $(ARGS)

forecast: .venv/.installed ## say what comes next         DATA=my.csv  ARGS="--run runs/…"
	$(PYTHON) forecast.py $(if $(DATA),--data="$(DATA)") $(ARGS)
