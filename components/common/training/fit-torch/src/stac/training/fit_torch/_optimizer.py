"""AdamW without the wait for torch's compiler."""

import inspect

import torch


class AdamW(torch.optim.AdamW):
    """torch's AdamW; but its first use does not import torch's compiler (2 s), which nothing here compiles with."""


for _name in ("add_param_group", "load_state_dict", "state_dict", "step", "zero_grad"):
    setattr(AdamW, _name, torch.no_grad()(inspect.unwrap(getattr(torch.optim.AdamW, _name))))
