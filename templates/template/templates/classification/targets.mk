.PHONY: train predict

train: .venv/.installed ## train and record a run     DATA=my.csv  ARGS="--seed=1"
	$(PYTHON) train.py $(if $(DATA),--data="$(DATA)") $(ARGS)

predict: .venv/.installed ## classify new series         DATA=new.csv  ARGS="--run runs/…"
	$(if $(DATA),,$(error which series? make predict DATA=new.csv))
	$(PYTHON) predict.py --data="$(DATA)" $(ARGS)
