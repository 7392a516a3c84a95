"""The networks of segue-model written again in PyTorch.

    python twin.py golden > networks.rs     values for tests/golden.rs, `nano`, known weights
    python twin.py speed [--help]           items a second, forward and in training: the same work as
                                            `segue bench speed`, which holds itself against the result
    python twin.py onnx FOLDER              denoiser.onnx and decoder.onnx of `tiny`, for one picture
    python twin.py runtime [--help]         items a second of these two in ONNX Runtime, on the CPU

A network is a function of its parameters `p`, which makes each one when it is first asked for: its
values depend on its name and index alone, so that both languages have the same weights without a
file. Names and shapes are those of the Rust modules.
"""

import argparse
import json
import math
import sys
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

VOCABULARY = dict(classes=32, colours=12, sizes=4, states=9, times=3)

NANO = dict(
    image=32, tokens=64, d_text=32, n_vocabulary=1024, text_layers=1, text_heads=2,
    planner=dict(max_objects=32, bins=32, depths=16, d=64, layers=2, heads=2),
    mapper=dict(size=16, channels=[32, 32, 16], latent=8, d=32),
    autoencoder=dict(patch=2, channels=16, latent_channels=32, blocks=1, refine=16, d=4),
    denoiser=dict(d=4, d_time=64, channels=[32, 48], encoder=[1, 1], decoder=[1, 1], heads=2,
                  d_pixel=8, patch=2, map_channels=16, scales=[16, 32]),
    segmenter=[16, 16, 32, 48], judge_a=[16, 32, 32, 48], judge_b=[32, 48, 16],
    scorer=dict(channels=[32, 48, 64], d=64),
)
TINY = dict(
    image=128, tokens=64, d_text=128, n_vocabulary=4096, text_layers=3, text_heads=4,
    planner=dict(max_objects=32, bins=64, depths=32, d=128, layers=4, heads=4),
    mapper=dict(size=48, channels=[96, 48, 32], latent=16, d=96),
    autoencoder=dict(patch=4, channels=64, latent_channels=128, blocks=2, refine=32, d=12),
    denoiser=dict(d=12, d_time=256, channels=[128, 160], encoder=[1, 2], decoder=[2, 2], heads=4,
                  d_pixel=12, patch=4, map_channels=48, scales=[64, 96]),
    segmenter=[32, 64, 96, 128], judge_a=[32, 64, 112, 160], judge_b=[64, 128, 32],
    scorer=dict(channels=[48, 64, 96], d=128),
)
BASE = dict(
    image=256, tokens=64, d_text=128, n_vocabulary=4096, text_layers=3, text_heads=4,
    planner=dict(max_objects=32, bins=64, depths=32, d=128, layers=4, heads=4),
    mapper=dict(size=64, channels=[64, 48, 32], latent=16, d=96),
    autoencoder=dict(patch=4, channels=64, latent_channels=128, blocks=3, refine=48, d=12),
    denoiser=dict(d=12, d_time=256, channels=[112, 128, 176], encoder=[1, 2, 1], decoder=[2, 2, 1],
                  heads=4, d_pixel=12, patch=4, map_channels=48, scales=[64, 96, 96]),
    segmenter=[32, 64, 112, 160], judge_a=[32, 64, 112, 160], judge_b=[64, 128, 32],
    scorer=dict(channels=[48, 64, 96], d=128),
)
PRESETS = dict(nano=NANO, tiny=TINY, base=BASE)


# Numbers that both languages can make.

def uniform(name, n):
    """n numbers in [-1, 1): the index, mixed with the name's FNV-1a hash by murmur3's finalizer."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = (np.arange(n, dtype=np.uint64) * 0x9E3779B9 + h).astype(np.uint32)
    for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
        x = (x ^ (x >> shift)) * np.uint32(factor)
    x ^= x >> 16
    return x.astype(np.float64) / 2**31 - 1


def initial(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if len(shape) == 1:
        value = 0.1 * u + (1.0 if name.endswith("gamma") else 0.0)
    elif len(shape) == 2:
        value = u * np.sqrt(3 / max(shape))
    elif len(shape) == 3:
        value = 0.1 * u
    else:
        value = u * np.sqrt(3 / np.prod(shape[1:]))
    return torch.tensor(value.reshape(shape), dtype=torch.float32)


def floats(name, *shape):
    return torch.tensor(1.7 * uniform(name, int(np.prod(shape))).reshape(shape), dtype=torch.float32)


def ints(name, n, *shape):
    u = (uniform(name, int(np.prod(shape))) + 1) / 2
    return torch.tensor(np.floor(u * n).astype(np.int64).reshape(shape))


class Params:
    def __init__(self, prefix="", store=None):
        self.prefix, self.store = prefix, {} if store is None else store

    def __truediv__(self, name):
        return Params(f"{self.prefix}.{name}" if self.prefix else str(name), self.store)

    def __call__(self, name, *shape):
        full = f"{self.prefix}.{name}" if self.prefix else name
        if full not in self.store:
            self.store[full] = torch.nn.Parameter(initial(full, shape))
        return self.store[full]


# Layers.

def conv(p, x, c_out, k=3, stride=1, dilation=1):
    weight = p("weight", c_out, x.shape[1], k, k)
    return F.conv2d(x, weight, p("bias", c_out), stride, k // 2 * dilation, dilation)


def pointwise(p, x, c_out):
    weight = p("weight", c_out, x.shape[1])
    return F.conv2d(x, weight[:, :, None, None], p("bias", c_out))


def linear(p, x, d_out, bias=True):
    weight = p("weight", x.shape[-1], d_out)
    return F.linear(x, weight.T, p("bias", d_out) if bias else None)


def group_norm(p, x):
    c = x.shape[1]
    return F.group_norm(x, c // 16, p("gamma", c), p("beta", c), 1e-5)


def layer_norm(p, x):
    d = x.shape[-1]
    return F.layer_norm(x, (d,), p("gamma", d), p("beta", d), 1e-5)


def embedding(p, n, d, index):
    return F.embedding(index, p("weight", n, d))


def res_block(p, x, c_out, dilation=1):
    h = conv(p / "conv1", F.relu(group_norm(p / "norm1", x)), c_out, 3, 1, dilation)
    h = conv(p / "conv2", F.relu(group_norm(p / "norm2", h)), c_out, 3, 1, dilation)
    return (x if x.shape[1] == c_out else pointwise(p / "skip", x, c_out)) + h


def up(p, x, c_out):
    return F.pixel_shuffle(pointwise(p, x, 4 * c_out), 2)


def attention(p, x, context, heads, ignore=None):
    d = x.shape[-1]
    split = lambda t: t.reshape(*t.shape[:2], heads, -1).transpose(1, 2)
    q = split(linear(p / "query", x, d))
    k, v = map(split, linear(p / "key_value", context, 2 * d).chunk(2, -1))
    # Written out, since the counter does not know the fused operation of the CPU.
    scores = q @ k.transpose(2, 3) / (d // heads) ** 0.5
    if ignore is not None:
        scores = scores.masked_fill(ignore[:, None], -1e9)
    found = (scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
    return linear(p / "output", found, d)


def feed_forward(p, x):
    return linear(p / "contract", F.relu(linear(p / "expand", x, 4 * x.shape[-1])), x.shape[-1])


# Networks, in the order of the tensors.

def text_encoder(p, c, tokens, padding):
    n, d = tokens.shape[1], c["d_text"]
    x = embedding(p / "tokens", c["n_vocabulary"], d, tokens) + p("positions", 1, c["tokens"], d)[:, :n]
    for i in range(c["text_layers"]):
        q = p / "layers" / i
        h = layer_norm(q / "norm1", x)
        x = x + attention(q / "attention", h, h, c["text_heads"], padding[:, None])
        x = x + feed_forward(q / "feed_forward", layer_norm(q / "norm2", x))
    return layer_norm(p / "norm", x)


def text_mean(text, padding):
    weight = (~padding).float()[..., None]
    return (text * weight).sum(1) / weight.sum(1).clamp(min=1)


def field_sizes(c):
    v, k = VOCABULARY, c["planner"]
    return [v["classes"] + 1, k["max_objects"] + 1, v["sizes"], v["colours"], v["states"],
            k["depths"]] + 4 * [k["bins"]]


def ordinals(objects):
    like = [objects[..., i, None] == objects[..., None, :, i] for i in (0, 1)]
    return ((like[0] & like[1]).tril().sum(2) - 1).clamp(max=7)


def planner(p, c, text, padding, time_of_day, objects, targets):
    k, sizes = c["planner"], field_sizes(c)
    d, n = k["d"], objects.shape[1]
    field = lambda i: p / "fields" / i
    embed = lambda i, v: embedding(field(i) / "embedding", sizes[i], d, v)
    tokens = torch.cat([embedding(p / "times", VOCABULARY["times"], d, time_of_day)[:, None],
                        sum(embed(i, objects[..., i]) for i in range(10))
                        + embedding(p / "ordinals", 8, d, ordinals(objects))], 1)
    x = tokens + p("positions", 1, k["max_objects"] + 1, d)[:, :n + 1]
    future = torch.ones(n + 1, n + 1).triu(1).bool()[None]
    for i in range(k["layers"]):
        q = p / "layers" / i
        h = layer_norm(q / "norm1", x)
        x = x + attention(q / "to_self", h, h, k["heads"], future)
        x = x + attention(q / "to_text", layer_norm(q / "norm2", x), text, k["heads"], padding[:, None])
        x = x + feed_forward(q / "feed_forward", layer_norm(q / "norm3", x))
    known, logits = layer_norm(p / "norm", x), []
    for i in range(10):
        h = F.relu(linear(field(i) / "hidden", known, d))
        h = linear(field(i) / "logits", h, d if i == 1 else sizes[i])
        added = embed(i, targets[..., i])
        if i == 1:
            h = h @ linear(p / "pointer", tokens, d).transpose(1, 2) / d**0.5
            h = h.masked_fill(future, -1e9)
            index = targets[..., 1][..., None].expand(-1, -1, d)
            added = added + linear(p / "whole", tokens.gather(1, index), d)
        logits.append(h)
        known = known + added
    time = linear(p / "time_of_day", text_mean(text, padding), VOCABULARY["times"])
    return logits, time, said_counts(p / "counts", text, padding)


def said_counts(p, text, padding):
    h = F.relu(linear(p / "hidden", text, text.shape[-1]))
    number = F.softplus(linear(p / "number", h, 1) - 2)
    number = number * linear(p / "class", h, VOCABULARY["classes"]).softmax(-1)
    sharpness = linear(p / "sharpness", text_mean(h, padding), VOCABULARY["classes"])
    return (number * (~padding).float()[..., None]).sum(1), sharpness.clamp(-2, 4).exp()


def mapper(p, c, objects, latent):
    k = c["mapper"]
    (c8, c4, c2), side = k["channels"], k["size"] // 8
    v = VOCABULARY
    h = sum(embedding(p / name, v[name], k["d"], objects[name]) for name in ["classes", "sizes", "states"])
    h = h + linear(p / "geometry", objects["geometry"], k["d"])
    h = F.relu(linear(p / "condition", F.relu(h), k["d"]))
    p = p / "decoder"
    x = F.relu(linear(p / "seed", torch.cat([latent, h], 1), c8 * side * side))
    x = F.relu(group_norm(p / "norm4", up(p / "up4", x.reshape(-1, c8, side, side), c4)))
    x = conv(p / "conv4", x, c4)
    x = F.relu(group_norm(p / "norm2", up(p / "up2", F.relu(x), c2)))
    x = conv(p / "conv2", x, c2)
    return F.pixel_shuffle(conv(p / "mask", F.relu(x), 4), 2)[:, 0]


def encoder(p, c, image):
    k, p = c["autoencoder"], p / "encoder"
    h = conv(p / "stem", F.pixel_unshuffle(image, k["patch"]), k["channels"])
    for i in range(k["blocks"]):
        h = res_block(p / "blocks" / i, h, k["channels"])
    h = conv(p / "down", h, k["latent_channels"], 3, 2)
    for i in range(k["blocks"]):
        h = res_block(p / "latent_blocks" / i, h, k["latent_channels"])
    return pointwise(p / "moments", F.relu(group_norm(p / "norm", h)), 2 * k["d"])


def decoder(p, c, latent):
    k, p = c["autoencoder"], p / "decoder"
    h = conv(p / "stem", latent, k["latent_channels"])
    for i in range(k["blocks"]):
        h = res_block(p / "latent_blocks" / i, h, k["latent_channels"])
    h = up(p / "up", h, k["channels"])
    for i in range(k["blocks"]):
        h = res_block(p / "blocks" / i, h, k["channels"])
    r = k["patch"] // 2
    h = conv(p / "unpatch", F.relu(group_norm(p / "norm", h)), k["refine"] * r * r)
    h = conv(p / "refine", F.relu(F.pixel_shuffle(h, r)), k["refine"])
    return F.pixel_shuffle(conv(p / "pixels", F.relu(h), 12), 2)


def time_embedding(p, t, d):
    w = 1000 * torch.exp(-math.log(10000) * torch.arange(32) / 32)
    angles = t[:, None] * w[None]
    h = linear(p / "expand", torch.cat([angles.cos(), angles.sin()], 1), d)
    return linear(p / "project", F.silu(h), d)


def map_pyramid(p, k, classes, colours, states):
    v, d = VOCABULARY, k["d_pixel"]
    x = (F.embedding(classes, p("classes", v["classes"], d))
         + F.embedding(colours, p("colours", v["colours"], d))
         + F.embedding(states, p("states", v["states"] + v["times"], d)))
    p("null", 1, d)
    b, h, w = classes.shape
    r = k["patch"]
    x = x.reshape(b, h // r, r, w // r, r, d).permute(0, 2, 4, 5, 1, 3).reshape(b, -1, h // r, w // r)
    x, features = F.relu(pointwise(p / "merge", x, k["map_channels"])), []
    for i, channels in enumerate(k["scales"]):
        x = F.relu(conv(p / "downs" / i, x, channels, 3, 2))
        features.append(x)
    return features


def spade_block(p, x, c_out, features, t):
    h = conv(p / "conv1", F.relu(group_norm(p / "norm", x)), c_out)
    q = p / "spade"
    time = linear(q / "time", t, 2 * c_out, bias=False)[:, :, None, None]
    gamma, beta = (pointwise(q / "map", features, 2 * c_out) + time).chunk(2, 1)
    h = group_norm(q / "norm", h) * (1 + gamma) + beta
    h = conv(p / "conv2", F.relu(h), c_out)
    return (x if x.shape[1] == c_out else pointwise(p / "skip", x, c_out)) + h


def text_attention(p, x, text, padding, heads):
    shape = x.shape
    x = x.flatten(2).transpose(1, 2)
    h = layer_norm(p / "norm_self", x)
    x = x + attention(p / "to_self", h, h, heads)
    x = x + attention(p / "to_text", layer_norm(p / "norm_text", x), text, heads, padding[:, None])
    return x.transpose(1, 2).reshape(shape)


def denoiser(p, c, latent, t, text, padding, classes, colours, states):
    k = c["denoiser"]
    p("null_text", 1, 1, c["d_text"])
    features = map_pyramid(p / "map", k, classes, colours, states)
    t = F.relu(time_embedding(p / "time", t, k["d_time"]))

    def level(q, x, i, n_blocks):
        for j in range(n_blocks):
            x = spade_block(q / "blocks" / j, x, k["channels"][i], features[i], t)
        return text_attention(q / "attention", x, text, padding, k["heads"]) if i > 0 else x

    x, skips = conv(p / "stem", torch.cat([latent, features[0]], 1), k["channels"][0]), []
    for i, n_blocks in enumerate(k["encoder"]):
        if i > 0:
            x = conv(p / "downs" / (i - 1), x, k["channels"][i], 3, 2)
        x = level(p / "encoder" / i, x, i, n_blocks)
        skips.append(x)
    x = spade_block(p / "middle", x, k["channels"][-1], features[-1], t)
    x = text_attention(p / "middle_attention", x, text, padding, k["heads"])
    for i in reversed(range(len(skips))):
        x = level(p / "decoder" / i, torch.cat([x, skips[i]], 1), i, k["decoder"][i])
        if i > 0:
            x = up(p / "ups" / (i - 1), x, k["channels"][i - 1])
    return conv(p / "velocity", F.relu(group_norm(p / "norm", x)), k["d"])


def unet(p, channels, image):
    c2, c4, c8, c16 = channels
    half = F.relu(conv(p / "half", image, c2, 3, 2))
    quarter = res_block(p / "block4", conv(p / "quarter", half, c4, 3, 2), c4)
    eighth = res_block(p / "block8", conv(p / "down8", quarter, c8, 3, 2), c8)
    sixteenth = res_block(p / "block16", conv(p / "down16", eighth, c16, 3, 2), c16)
    h = res_block(p / "merge8", torch.cat([up(p / "up8", sixteenth, c8), eighth], 1), c8)
    h = res_block(p / "merge4", torch.cat([up(p / "up4", h, c4), quarter], 1), c4)
    h = group_norm(p / "norm2", torch.cat([up(p / "up2", h, c2), half], 1))
    return F.relu(conv(p / "merge2", F.relu(h), c2)), eighth, sixteenth


def segmenter(p, c, image):
    h, _, _ = unet(p / "unet", c["segmenter"], image)
    return pointwise(p / "logits", h, VOCABULARY["classes"] + 1)


def judge_heads(p, pixels, features):
    v = VOCABULARY
    maps = pointwise(p / "pixels", pixels, v["classes"] + 3 + v["colours"] + v["states"])
    return maps, linear(p / "time_of_day", features, v["times"])


def judge_a(p, c, image):
    h, eighth, sixteenth = unet(p / "unet", c["judge_a"], image)
    return judge_heads(p / "heads", h, torch.cat([eighth.mean((2, 3)), sixteenth.mean((2, 3))], 1))


def judge_b(p, c, image):
    c4, c8, c_out = c["judge_b"]
    q = p / "net"
    quarter = res_block(q / "block", conv(q / "stem", F.pixel_unshuffle(image, 4), c4), c4)
    eighth = conv(q / "down", quarter, c8, 3, 2)
    for i, dilation in enumerate([1, 2, 4, 2]):
        eighth = res_block(q / "dilated" / i, eighth, c8, dilation)
    h = res_block(q / "merge", quarter + up(q / "up", eighth, c4), c4)
    h = up(q / "expand", F.relu(group_norm(q / "norm", h)), c_out)
    detail = F.relu(conv(q / "detail", F.pixel_unshuffle(image, 2), c_out))
    h = F.relu(h) + pointwise(q / "add_detail", detail, c_out)
    h = F.relu(conv(q / "refine", h, c_out))
    return judge_heads(p / "heads", h, torch.cat([quarter.mean((2, 3)), eighth.mean((2, 3))], 1))


def scorer(p, c, image, tokens, padding):
    k = c["scorer"]
    p("log_scale", 1)
    x = F.pixel_unshuffle(image, 4)
    for i, (side, channels) in enumerate(zip([4, 8, 16], k["channels"])):
        name = "stem" if i == 0 else f"down{side}"
        x = res_block(p / f"block{side}", conv(p / name, x, channels, 3, 1 if i == 0 else 2), channels)
    pooled = F.relu(group_norm(p / "norm", x)).mean((2, 3))
    image = F.normalize(linear(p / "image_projection", pooled, k["d"], bias=False))
    text = text_mean(text_encoder(p / "text", c, tokens, padding), padding)
    text = F.normalize(linear(p / "text_projection", text, k["d"], bias=False))
    return (image * text).sum(1)


# Inputs, and what is written.

def inputs(c, batch, objects=12):
    size, n = c["image"], objects
    latent = size // (2 * c["autoencoder"]["patch"])
    v = VOCABULARY
    padding = torch.zeros(batch, c["tokens"], dtype=torch.bool)
    padding[-1, c["tokens"] // 2:] = True
    objects = torch.stack([ints(f"field{i}", s, batch, n) for i, s in enumerate(field_sizes(c))], -1)
    objects[..., 0] %= v["classes"]
    objects[..., 1] = 0
    objects[:, 1:, 1] = 1
    stop = torch.zeros(batch, 1, 10, dtype=torch.int64)
    text = floats("text", batch, c["tokens"], c["d_text"])
    image = floats("image", batch, 3, size, size)
    tokens = ints("tokens", c["n_vocabulary"], batch, c["tokens"])
    z = floats("latent", batch, c["autoencoder"]["d"], latent, latent)
    maps = [ints(name, v[name], batch, size, size) for name in ["classes", "colours", "states"]]
    shapes = {name: ints(name, v[name], batch * n) for name in ["classes", "sizes", "states"]}
    shapes["geometry"] = floats("geometry", batch * n, 5)
    return dict(
        text=(text_encoder, tokens, padding),
        planner=(planner, text, padding, ints("time", v["times"], batch), objects,
                 torch.cat([objects, stop], 1)),
        mapper=(mapper, shapes, floats("shape", batch * n, c["mapper"]["latent"])),
        encoder=(encoder, image),
        decoder=(decoder, z),
        denoiser=(denoiser, z, (floats("time", batch) / 1.7 + 1) / 2, text, padding, *maps),
        segmenter=(segmenter, image),
        judge_a=(judge_a, image),
        judge_b=(judge_b, image),
        scorer=(scorer, image, tokens, padding),
    )


def flatten(output):
    if isinstance(output, torch.Tensor):
        return [output]
    return [tensor for part in output for tensor in flatten(part)]


def probe(tensor):
    """The mean square, and eight numbers spread over the tensor."""
    flat = tensor.detach().flatten().double()
    index = [i * (len(flat) - 1) // 7 for i in range(8)]
    # Logits of what cannot be reached are left out of the mean.
    return [(flat * (flat > -1e8)).square().mean().item()] + flat[index].tolist()


def golden():
    print("// Written by `python twin.py golden`: (network, tensor, mean square and eight values).")
    print("const GOLDEN: &[(&str, usize, [f32; 9])] = &[")
    costs = []
    for name, (network, *arguments) in inputs(NANO, 2).items():
        with torch.no_grad():
            output = network(Params(), NANO, *arguments)
        for i, tensor in enumerate(flatten(output)):
            print(f'    ("{name}", {i}, [{", ".join(f"{v:.6e}" for v in probe(tensor))}]),')
    print("];")
    print("// (network, parameters, forward FLOP of one item) of `tiny` by PyTorch's counter.")
    print("const COSTS: &[(&str, u64, u64)] = &[")
    for name, (network, *arguments) in inputs(TINY, 2, objects=32).items():
        params = Params()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(params, TINY, *arguments)
        n = 64 if name == "mapper" else 2
        parameters = sum(v.numel() for v in params.store.values())
        print(f'    ("{name}", {parameters}, {counter.get_total_flops() // n}),')
    print("];")


def best(f, seconds, wait):
    """The shortest time of f, after three calls that warm up."""
    for _ in range(3):
        f()
    wait()
    times, end = [], time.time() + seconds
    while time.time() < end or len(times) < 3:
        start = time.time()
        f()
        wait()
        times.append(time.time() - start)
    return min(times)


def loss(outputs):
    """The sum of the outputs' mean squares, without the logits of what cannot be reached."""
    return sum(t.masked_fill(t < -1e8, 0).square().mean() for t in flatten(outputs))


class Twin(torch.nn.Module):
    """A network with its parameters where PyTorch looks for them."""

    def __init__(self, network, config, arguments):
        super().__init__()
        self.network, self.config, self.p = network, config, Params()
        network(self.p, config, *arguments)
        for key, value in self.p.store.items():
            self.register_parameter(key.replace(".", "_"), value)

    def forward(self, *arguments):
        return self.network(self.p, self.config, *arguments)


def speed(*options):
    parser = argparse.ArgumentParser(prog="twin.py speed")
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--networks", help="some of them, separated by commas")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--precision", choices=["highest", "high", "bf16"], default="highest",
                        help="of products of 32-bit matrices; bf16 is autocast")
    parser.add_argument("--json", help="file for the results")
    o = parser.parse_args(options)
    torch.set_default_device(o.device)
    torch.set_float32_matmul_precision("high" if o.precision == "bf16" else o.precision)
    cuda = o.device.startswith("cuda")
    wait = torch.cuda.synchronize if cuda else lambda: None
    n = 4096 if cuda else 1024
    a = torch.randn(n, n)
    matmul = 2 * n**3 / best(lambda: a @ a, 1, wait)
    name = f"PyTorch {torch.__version__} {'compiled' if o.compile else 'eager'} {o.precision}"
    print(f"{name}, {o.device}, {o.preset}, batch {o.batch}: products of {n}x{n} matrices at "
          f"{matmul / 1e9:.1f} GFLOP/s")
    config, results = PRESETS[o.preset], []
    for key, (network, *arguments) in inputs(config, o.batch).items():
        if o.networks and key not in o.networks.split(","):
            continue
        if cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        twin = Twin(network, config, arguments)
        optimizer = torch.optim.AdamW(twin.parameters(), lr=1e-4)
        f = torch.compile(twin) if o.compile else twin
        cast = lambda: torch.autocast(o.device.split(":")[0], torch.bfloat16, o.precision == "bf16")

        def forward():
            with torch.no_grad(), cast():
                f(*arguments)

        def step():
            with cast():
                value = loss(f(*arguments))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()

        try:
            rates = [o.batch / best(g, o.seconds, wait) for g in (forward, step)]
        except Exception as error:  # of the compiler: the other networks may fare better
            print(f"{key:12} failed: {str(error).splitlines()[0]}", flush=True)
            continue
        memory = torch.cuda.max_memory_reserved() if cuda else None
        print(f"{key:12} forward {rates[0]:10.1f}/s   training step {rates[1]:10.1f}/s", flush=True)
        results.append(dict(network=key, forward_per_second=rates[0], step_per_second=rates[1],
                            memory_bytes=memory))
        if o.json:  # each time, so that whoever runs out of time has the others
            with open(o.json, "w") as file:
                json.dump(dict(name=name, device=o.device, preset=o.preset, batch=o.batch,
                               matmul_flop_per_second=matmul, networks=results), file, indent=1)


DRAWING = ["denoiser", "decoder"]


def onnx(folder):
    """Needs the packages onnx and onnxscript. Weights are arbitrary: the files serve timing."""
    for name in DRAWING:
        network, *arguments = inputs(TINY, 1)[name]
        torch.onnx.export(Twin(network, TINY, arguments), tuple(arguments), f"{folder}/{name}.onnx",
                          input_names=[f"input{i}" for i in range(len(arguments))],
                          output_names=["output"], opset_version=20, dynamo=True, external_data=False)


def runtime(*options):
    """Needs the packages onnx, onnxscript and onnxruntime."""
    import onnxruntime

    parser = argparse.ArgumentParser(prog="twin.py runtime")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--json", help="file for the results")
    o = parser.parse_args(options)
    name, results = f"ONNX Runtime {onnxruntime.__version__}", []
    with tempfile.TemporaryDirectory() as folder:
        onnx(folder)
        for key in DRAWING:
            _, *arguments = inputs(TINY, 1)[key]
            session = onnxruntime.InferenceSession(f"{folder}/{key}.onnx",
                                                   providers=["CPUExecutionProvider"])
            feed = {f"input{i}": a.numpy() for i, a in enumerate(arguments)}
            feed = {k: v for k, v in feed.items() if k in {i.name for i in session.get_inputs()}}
            rate = 1 / best(lambda: session.run(None, feed), o.seconds, lambda: None)
            print(f"{name}, tiny, batch 1: {key:12} forward {rate:10.1f}/s", flush=True)
            results.append(dict(network=key, forward_per_second=rate))
    if o.json:
        with open(o.json, "w") as file:
            json.dump(dict(name=name, device="cpu", preset="tiny", batch=1, networks=results),
                      file, indent=1)


if __name__ == "__main__":
    {"golden": golden, "speed": speed, "onnx": onnx, "runtime": runtime}[sys.argv[1]](*sys.argv[2:])
