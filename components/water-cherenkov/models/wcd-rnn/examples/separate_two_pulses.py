"""A network learns in seconds to tell narrow pulses from wide ones of the same charge."""

import torch

from stac.models.wcd_rnn import WcdRnn

torch.manual_seed(0)
torch.set_num_threads(1)  # so little work is not worth more
is_wide = torch.randint(2, (256,))
decay = torch.where(is_wide == 1, 6.0, 2.0)[:, None, None]
traces = torch.exp(-torch.arange(30.0) / decay) / decay + 0.05 * torch.randn(256, 4, 30)

network = WcdRnn(n_pmts=4, n_bins=30)
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
for step in range(30):
    loss = torch.nn.functional.cross_entropy(network(traces), is_wide)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        accuracy = (network(traces).argmax(1) == is_wide).float().mean()
        print(f"step {step + 1}: loss {loss:.3f}, accuracy {accuracy:.1%}")
