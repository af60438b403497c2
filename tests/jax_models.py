"""The built-in models once more, written by hand in JAX: what their names promise.

Each takes the given arrays by name and `keep`, which is called with the name of each quantity
on the way and returns it, moved a little: so the gradient by every quantity is JAX's.
"""

from jax import nn
from jax import numpy as jnp


def half_square(difference):
    return jnp.sum(difference**2) / 2


def linear(g, keep):
    return half_square(keep("o", g["x"] @ g["W"] + g["b"]) - g["y"])


def ridge(g, keep):
    o = keep("o", g["x"] @ g["w"])
    return jnp.mean((o - g["y"]) ** 2) / 2 + g["lambda"] / 2 * jnp.sum(g["w"] ** 2)


def residual(g, keep):
    h = keep("h", g["x"] @ g["W"])
    o = keep("o", h + nn.relu(h))
    return half_square(o - g["y"]) + g["lambda"] / 2 * jnp.sum(g["W"] ** 2)


def tied_autoencoder(g, keep):
    h = keep("h", jnp.tanh(g["x"] @ g["W"] + g["b"]))
    return half_square(keep("o", g["W"] @ h + g["c"]) - g["x"])


def rnn_three_steps(g, keep):
    state = jnp.zeros_like(g["b"])
    for step in (1, 2, 3):
        z = g[f"x{step}"] @ g["W"] + state @ g["U"] + g["b"]
        state = keep(f"a{step}", jnp.tanh(z))
    return (keep("o", g["v"] @ state) - g["y"]) ** 2 / 2


def lstm_cell(g, keep):
    x, s = g["x"], g["s"]
    i = keep("i", nn.sigmoid(x @ g["WI"] + s @ g["UI"]))
    f = keep("f", nn.sigmoid(x @ g["WF"] + s @ g["UF"]))
    c = keep("g", jnp.tanh(x @ g["WG"] + s @ g["UG"]))
    o = keep("o", nn.sigmoid(x @ g["WO"] + s @ g["UO"]))
    state = keep("c", f * g["p"] + i * c)
    return half_square(keep("a", o * jnp.tanh(state)) - g["y"])


def gru_cell(g, keep):
    x, s = g["x"], g["s"]
    r = keep("r", nn.sigmoid(x @ g["WR"] + s @ g["UR"]))
    u = keep("u", nn.sigmoid(x @ g["WU"] + s @ g["UU"]))
    n = keep("n", jnp.tanh(x @ g["WN"] + r * keep("q", s @ g["UN"])))
    return half_square(keep("a", (1 - u) * n + u * s) - g["y"])


def softmax_cross_entropy(g, keep):
    p = keep("p", nn.softmax(keep("z", g["x"] @ g["W"] + g["b"]), axis=1))
    return -jnp.sum(g["y"] * jnp.log(p)) / len(g["x"])


def label_smoothing(g, keep):
    q = keep("q", (1 - g["eps"]) * g["y"] + g["eps"] / g["y"].shape[1])
    p = keep("p", nn.softmax(g["z"], axis=1))
    return -jnp.sum(q * jnp.log(p)) / len(p)


def logistic_loss(g, keep):
    z = keep("z", g["x"] @ g["w"] + g["b"])
    p = nn.sigmoid(z)
    return -jnp.mean(g["y"] * jnp.log(p) + (1 - g["y"]) * jnp.log(1 - p))


def attention(q, k, v, keep, mask=0.0):
    s = keep("S", jnp.einsum("...ta,...sa->...ts", q, k) / jnp.sqrt(q.shape[-1]) + mask)
    return keep("P", nn.softmax(s, axis=-1)) @ v


def attention_head(g, keep):
    x = g["x"]
    q, k, v = (keep(name, x @ g[f"W{name}"]) for name in "QKV")
    return half_square(keep("O", attention(q, k, v, keep)) - g["y"])


def multi_head_attention(g, keep):
    q, k, v = (keep(name, jnp.einsum("ti,hia->hta", g["x"], g[f"W{name}"])) for name in "QKV")
    heads = keep("A", attention(q, k, v, keep))
    return half_square(keep("O", jnp.einsum("hta,haj->tj", heads, g["WO"])) - g["y"])


def linear_attention(g, keep):
    state = keep("A", g["K"].T @ g["V"])
    return half_square(keep("O", g["Q"] @ state) - g["y"])


def kl_divergence(g, keep):
    q = keep("q", g["z"] - keep("l", nn.logsumexp(g["z"], axis=1))[:, None])
    return jnp.sum(g["y"] * (jnp.log(g["y"]) - q)) / len(q)


def rms_norm(g, keep):
    s = keep("s", jnp.sqrt(jnp.mean(g["x"] ** 2, axis=1) + g["eps"]))
    n = keep("n", g["x"] / s[:, None])
    return half_square(keep("o", g["g"] * n) - g["y"])


def layer_norm(g, keep):
    m = keep("m", jnp.mean(g["x"], axis=1))[:, None]
    s = keep("s", jnp.sqrt(keep("v", jnp.mean((g["x"] - m) ** 2, axis=1)) + g["eps"]))
    n = keep("n", (g["x"] - m) / s[:, None])
    return half_square(keep("o", g["g"] * n + g["b"]) - g["y"])


def swiglu(g, keep):
    h = keep("h", nn.silu(keep("u", g["x"] @ g["U"])) * keep("v", g["x"] @ g["V"]))
    return half_square(keep("o", h @ g["W"]) - g["y"])


def softmax(g, keep):
    return jnp.sum(g["dC/dp"] * keep("p", nn.softmax(g["z"], axis=1)))


def masked_attention(g, keep):
    return jnp.sum(g["dC/dO"] * keep("O", attention(g["Q"], g["K"], g["V"], keep, g["M"])))


def convolution(g, keep):
    steps = g["x"].shape[1] - g["W"].shape[2] + 1
    windows = jnp.stack([g["x"][:, s : s + steps] for s in range(g["W"].shape[2])])
    o = jnp.einsum("kcs,sct->kt", g["W"], windows) + g["b"][:, None]
    return jnp.sum(g["dC/do"] * keep("o", o))


def rope(g, keep):
    def turned(first, second, halves):
        pair = jnp.stack([g[first], g[second]])
        turn = jnp.array([[g["u"], -g["v"]], [g["v"], g["u"]]])
        turned = jnp.einsum("abth,bth->ath", turn, pair)
        return keep(halves[0], turned[0]), keep(halves[1], turned[1])

    queries, keys = turned("Q1", "Q2", "AB"), turned("K1", "K2", "EF")
    scores = sum(query @ key.T for query, key in zip(queries, keys, strict=True))
    return jnp.sum(g["dC/dS"] * keep("S", scores))


def rnn_step(g, keep):
    z = keep("z", g["x"] @ g["W"] + g["s"] @ g["U"] + g["b"])
    return jnp.sum(g["dC/da"] * keep("a", jnp.tanh(z)))


def batch_norm(g, keep):
    m = keep("m", jnp.mean(g["x"], axis=0))
    s = keep("s", jnp.sqrt(keep("v", jnp.mean((g["x"] - m) ** 2, axis=0)) + g["eps"]))
    return half_square(keep("o", g["g"] * keep("u", (g["x"] - m) / s) + g["b"]) - g["y"])


def gelu_block(g, keep):
    h = keep("h", nn.gelu(keep("z", g["x"] @ g["W1"]), approximate=False))
    return half_square(keep("o", h @ g["W2"]) - g["y"])


def lora(g, keep):
    u = keep("u", g["x"] @ g["A"])
    rank = g["A"].shape[1]
    return half_square(keep("o", g["x"] @ g["W"] + g["alpha"] / rank * u @ g["B"]) - g["y"])


def embedding(g, keep):
    return half_square(keep("o", keep("e", g["h"] @ g["E"]) @ g["W"]) - g["y"])


def dropout(g, keep):
    h = keep("h", g["M"] * nn.relu(keep("z", g["x"] @ g["W"])) / g["q"])
    return jnp.mean((keep("o", h @ g["v"]) - g["y"]) ** 2) / 2


def huber(g, keep):
    u = keep("u", g["x"] @ g["w"] - g["y"])
    return jnp.mean(jnp.where(abs(u) <= 1, u**2 / 2, abs(u) - 1 / 2))


def hinge(g, keep):
    z = keep("z", g["x"] @ g["w"] + g["b"])
    return jnp.mean(nn.relu(1 - g["y"] * z)) + g["lambda"] / 2 * g["w"] @ g["w"]


def focal_loss(g, keep):
    p = keep("p", nn.softmax(g["z"], axis=1))
    return -jnp.sum(g["y"] * (1 - p) ** 2 * jnp.log(p)) / len(p)


def info_nce(g, keep):
    s = keep("S", g["q"] @ g["k"].T / g["tau"])
    return jnp.mean(keep("l", nn.logsumexp(s, axis=1)) - jnp.diagonal(s))


def dpo(g, keep):
    z = keep("z", g["beta"] * ((g["u"] - g["p"]) - (g["v"] - g["r"])))
    return -jnp.mean(nn.log_sigmoid(z))


def forward(name):
    """The function of a built-in model."""
    return globals()[name.replace("-", "_")]
