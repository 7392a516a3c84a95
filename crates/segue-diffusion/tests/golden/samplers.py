"""Writes samplers.rs: what diffusers' schedulers make of a known velocity.

    python samplers.py > samplers.rs        (torch and diffusers from PyPI)
"""

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, FlowMatchHeunDiscreteScheduler

NOISE = [1.5, -0.75, 0.25, -2.0]


def velocity(x, t):
    return torch.tanh(x) * (0.5 + t)


def sigmas(n_steps, shift):
    t = [1 - step / n_steps for step in range(n_steps)]
    return [shift * t / (1 + (shift - 1) * t) for t in t]


def euler(n_steps, shift):
    scheduler = FlowMatchEulerDiscreteScheduler(shift=1.0)
    scheduler.set_timesteps(sigmas=sigmas(n_steps, shift))
    x = torch.tensor(NOISE).reshape(1, 1, 2, 2)
    for t in scheduler.timesteps:
        x = scheduler.step(velocity(x, t / 1000), t, x).prev_sample
    return x


def heun(n_steps, shift):
    scheduler = FlowMatchHeunDiscreteScheduler(shift=1.0)
    scheduler.set_timesteps(n_steps)
    # The scheduler has no way to give it sigmas, so its tables are replaced in its own layout:
    # each step but the last is visited twice.
    s = torch.tensor(sigmas(n_steps, shift))
    scheduler.sigmas = torch.cat([s[:1], s[1:].repeat_interleave(2), torch.zeros(1)])
    timesteps = s * 1000
    scheduler.timesteps = torch.cat([timesteps[:1], timesteps[1:].repeat_interleave(2)])
    x = torch.tensor(NOISE).reshape(1, 1, 2, 2)
    for t in scheduler.timesteps:
        x = scheduler.step(velocity(x, t / 1000), t, x).prev_sample
    return x


for name, sample in [("EULER", euler), ("HEUN", heun)]:
    print(f"const {name}: [(usize, f64, [f32; 4]); 4] = [")
    for n_steps, shift in [(1, 1.0), (4, 1.0), (4, 3.0), (8, 1.0)]:
        values = ", ".join(f"{v:.7}" for v in sample(n_steps, shift).flatten().tolist())
        print(f"    ({n_steps}, {shift}, [{values}]),")
    print("];")
