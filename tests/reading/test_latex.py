r"""Notations people use, and the ASCII notation they are read as."""
# ruff: noqa: E501 - a notation stands in one line

import pytest

from derive.files.network_file import read_network
from derive.model.network import Network
from derive.reading import Claim, NotUnderstood, read_document

CHAIN = read_network("two-layer-chain")
ONE = read_network("one-layer-chain")
WIDE = read_network("two-layer-general")  # n_0, n_1 and n_2 units
SMALL = read_network("2-3-1")
BIASED = read_network("2-3-2", bias=True)
SMOOTH = read_network("2-3-2", activation="sigmoid", bias=True)
SOFTMAX = read_network("softmax-classifier")
LAYER = read_network("general-layer")
LEAKY = read_network("leaky-chain")


def read(formula: str, network: Network, **options: object) -> list[str]:
    """What each claim of a formula says in ASCII."""
    statements = read_document(f"$${formula}$$", network, kind="markdown", **options)
    problems = [s for s in statements if isinstance(s, NotUnderstood)]
    assert not problems, problems
    return [claim.read_as for claim in statements if isinstance(claim, Claim)]


CHAINS = [
    # derivatives
    (r"\frac{\partial C}{\partial W^{(0)}} = 0", "dC/dW0 = 0"),
    (r"\frac{\partial C}{\partial W_{11}^{(0)}} = 0", "dC/dW0 = 0"),
    (r"\partial C/\partial W^{(0)} = 0", "dC/dW0 = 0"),
    (r"\frac{dC}{dW^{(0)}} = 0", "dC/dW0 = 0"),
    (r"\frac{\mathrm{d} C}{\mathrm{d} W^{(0)}} = 0", "dC/dW0 = 0"),
    (r"dC/dW^{(0)} = 0", "dC/dW0 = 0"),
    (r"\dfrac{\partial{C}}{\partial{W^{(0)}}} = 0", "dC/dW0 = 0"),
    (r"\partial_{W^{(0)}} C = 0", "dC/dW0 = 0"),
    (r"\nabla_{W^{(0)}} C = 0", "dC/dW0 = 0"),
    (r"\nabla_{\mathbf{W}^{(0)}} C = 0", "dC/dW0 = 0"),
    (r"\frac{\partial}{\partial W^{(0)}} C = 0", "dC/dW0 = 0"),
    (r"dW^{(0)} = 0", "dC/dW0 = 0"),
    (r"\delta^{(1)} = 0", "dC/dz1 = 0"),
    (r"\frac{\partial^2 C}{\partial W^{(0)} \partial W^{(1)}} = 0", "d2C/dW0dW1 = 0"),
    (r"\frac{\partial^2 C}{\partial {W^{(0)}}^2} = 0", "d2C/dW0dW0 = 0"),
    (r"\frac{\partial^2 C}{\partial (W^{(0)})^2} = 0", "d2C/dW0dW0 = 0"),
    (r"\frac{\partial^2 C}{\partial W^{(0)2}} = 0", "d2C/dW0dW0 = 0"),
    (r"\frac{\partial^{2} C}{\partial W^{(0)\,2}} = 0", "d2C/dW0dW0 = 0"),
    (r"\partial^2 C/\partial W^{(0)}\partial W^{(1)} = 0", "d2C/dW0dW1 = 0"),
    (r"\frac{\partial}{\partial W^{(0)}}\frac{\partial C}{\partial W^{(1)}} = 0", "d2C/dW1dW0 = 0"),
    (
        r"\frac{\partial}{\partial W^{(0)}}\left(\frac{\partial C}{\partial W^{(1)}}\right) = 0",
        "d2C/dW1dW0 = 0",
    ),
    (r"\frac{\partial \hat{y}}{\partial z^{(2)}} = 1", "dr2/dz2 = 1"),
    (r"\frac{\partial}{\partial r^{(1)}}(W^{(1)} r^{(1)})^2 = 0", "d(W1^2*r1^2)/dr1 = 0"),
    (r"\frac{\partial}{\partial r^{(1)}}\left[W^{(1)} r^{(1)}\right] x = 0", "d(W1*r1)/dr1*x = 0"),
    (r"\frac{d}{dz} ReLU(z) = Step(z)", "diff(ReLU(z), z) = Step(z)"),
    (r"\frac{dC}{dU}\frac{dU}{d\hat y} = \frac{dC}{d \hat y}", "dC/dU*dU/dr2 = dC/dr2"),
    (r"\frac{\partial C}{\partial U} = U", "dC/dU = U"),
    (r"\frac{\partial E}{\partial W^{(1)}} = 0", "dC/dW1 = 0"),
    (r"\frac{\partial \mathcal{L}}{\partial W^{(1)}} = 0", "dC/dW1 = 0"),
    (r"\frac{\partial J}{\partial W^{[1]}} = 0", "dC/dW1 = 0"),
    # names and layers
    (r"W^{[1]} = 1", "W1 = 1"),
    (r"z^{(2)} = W^{(1)}\,r^{(1)}", "z2 = W1*r1"),
    (r"z^{(2)} = W^{(1)} \cdot r^{(1)}", "z2 = W1*r1"),
    (r"z^{(2)} = W^{(1)} \times r^{(1)}", "z2 = W1*r1"),
    (r"z^{(2)} = W^{(1)} * r^{(1)}", "z2 = W1*r1"),
    (r"\hat y = r^{(2)}", "r2 = r2"),
    (r"\hat{y} = ReLU(z^{(2)})", "r2 = ReLU(z2)"),
    (r"\widehat{y} = r^{(L)}", "r2 = r2"),
    (r"r^{(0)} = x", "x = x"),
    (r"r^{output} = r^{(2)}", "r2 = r2"),
    (r"\mathbf{W}^{(1)} = \boldsymbol{W}^{(1)}", "W1 = W1"),
    (r"w^{(0)} x = z^{(1)}", "W0*x = z1"),
    (r"W^{(0)}x=z^{(1)}", "W0*x = z1"),
    (r"z^{(1)} = x W^{(0)}", "z1 = W0*x"),
    (r"C = \frac{1}{2}(y-\hat y)^2", "C = 1/2*(y - r2)^2"),
    (r"C = \frac12 (y - \hat{y})^2", "C = 1/2*(y - r2)^2"),
    (r"C = \tfrac{1}{2} \left( y - \hat{y} \right)^{2}", "C = 1/2*(y - r2)^2"),
    (r"C = 0.5 (y-\hat{y})^2", "C = 1/2*(y - r2)^2"),
    (r"C = (y - \hat y)^2 / 2", "C = 1/2*(y - r2)^2"),
    (r"C = \frac{(y - \hat y)^2}{2}", "C = 1/2*(y - r2)^2"),
    (r"C = \frac{1}{2} U^2", "C = 1/2*U^2"),
    (r"C = \frac{1}{2} \| y - \hat{y} \|^2", "C = 1/2*(y - r2)^2"),
    (r"2yr^{(1)} = y^2 - 2 y r^{(1)} + (r^{(1)})^2", "2*y*r1 = y^2 - 2*y*r1 + r1^2"),
    (r"-(y - \hat y) = \hat y - y", "r2 - y = r2 - y"),
    (r"y \cdot (-1) = - y", "-y = -y"),
    (r"y \cdot -1 = - y", "-y = -y"),
    # functions
    (r"r^{(1)} = \text{ReLU}(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \operatorname{ReLU}(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \mathrm{ReLU}(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \mathrm{ReLU}\left(z^{(1)}\right)", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \textrm{relu}(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = relu(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \max(0, z^{(1)})", "r1 = max(0, z1)"),
    (r"r^{(1)} = \max\{0, z^{(1)}\}", "r1 = max(0, z1)"),
    (r"r^{(1)} = \max\left(z^{(1)}, 0\right)", "r1 = max(0, z1)"),
    (r"r^{(1)} = \max \left\{ 0, z^{(1)} \right\}", "r1 = max(0, z1)"),
    (r"r^{(1)} = max(0, z^{(1)})", "r1 = max(0, z1)"),
    (r"r^{(1)} = (z^{(1)})_+", "r1 = ReLU(z1)"),
    (r"r^{(1)} = [z^{(1)}]_+", "r1 = ReLU(z1)"),
    (r"r^{(1)} = [z^{(1)}]^+", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \left(z^{(1)}\right)^{+}", "r1 = ReLU(z1)"),
    (r"r^{(1)} = f(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \phi(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \varphi(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = \sigma(z^{(1)})", "r1 = ReLU(z1)"),
    (r"r^{(1)} = g\left(z^{(1)}\right)", "r1 = ReLU(z1)"),
    (r"f'(z^{(1)}) = \sigma'(z^{(1)})", "Step(z1) = Step(z1)"),
    (r"f^\prime(z^{(1)}) = \phi'(z^{(1)})", "Step(z1) = Step(z1)"),
    (r"f''(z^{(1)}) = 0", "0 = 0"),
    (r"ReLU'(z) = Step(z)", "Step(z) = Step(z)"),
    (r"\mathrm{ReLU}^{\prime}(z) = Step(z)", "Step(z) = Step(z)"),
    (r"\sigma(z) = \frac{1}{1 + e^{-z}}", "sigmoid(z) = 1/(1 + exp(-z))"),
    (
        r"\sigma'(z) = \sigma(z)(1 - \sigma(z))",
        "(1 - sigmoid(z))*sigmoid(z) = (1 - sigmoid(z))*sigmoid(z)",
    ),
    (r"\tanh'(z) = 1 - \tanh^2(z)", "1 - tanh(z)^2 = 1 - tanh(z)^2"),
    (
        r"\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}",
        "tanh(z) = (exp(z) - exp(-z))/(exp(-z) + exp(z))",
    ),
    (r"\exp(z) = e^{z}", "exp(z) = exp(z)"),
    (r"\ln(1 + e^z) = \log(1 + \exp z)", "log(1 + exp(z)) = log(1 + exp(z))"),
    (r"\mathrm{softplus}(z) = \ln(1 + e^{z})", "softplus(z) = log(1 + exp(z))"),
    (r"H(z^{(1)}) = \Theta(z^{(1)})", "Step(z1) = Step(z1)"),
    (r"u(z^{(1)}) = \theta(z^{(1)})", "Step(z1) = Step(z1)"),
    (r"Step(z) = \mathbb{1}[z > 0]", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbf{1}[z > 0]", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbf 1_{z>0}", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbb{1}_{\{z > 0\}}", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbb{1}\{z > 0\}", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbb 1(z > 0)", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = \mathbb{I}(z > 0)", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = [z > 0]", "Step(z) = cases(1 if z > 0; 0 otherwise)"),
    (r"Step(z) = (z \geq 0)", "Step(z) = cases(1 if z >= 0; 0 otherwise)"),
    (r"Step(z) = \frac{1 + \operatorname{sgn}(z)}{2}", "Step(z) = 1/2 + 1/2*sign(z)"),
    (r"ReLU(z) = \frac{z + |z|}{2}", "ReLU(z) = 1/2*abs(z) + 1/2*z"),
    # cases
    (
        r"ReLU(z) = \begin{cases} z & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}",
        "ReLU(z) = cases(z if z > 0; 0 if z <= 0)",
    ),
    (
        r"ReLU(z) = \begin{cases} 0, & \text{if } z < 0, \\ z, & \text{otherwise}. \end{cases}",
        "ReLU(z) = cases(0 if z < 0; z otherwise)",
    ),
    (
        r"ReLU(z) = \begin{cases} z & z > 0 \\ 0 & \mathrm{otherwise} \end{cases}",
        "ReLU(z) = cases(z if z > 0; 0 otherwise)",
    ),
    (
        r"ReLU(z) = \left\{ \begin{array}{ll} z & \mbox{for } z > 0 \\ 0 & \mbox{else} \end{array} \right.",
        "ReLU(z) = cases(z if z > 0; 0 otherwise)",
    ),
    (
        r"ReLU(z) = \begin{cases} z \text{ if } z \geq 0 \\ 0 \text{ otherwise} \end{cases}",
        "ReLU(z) = cases(z if z >= 0; 0 otherwise)",
    ),
    (
        r"ReLU(z) = \begin{dcases} z, \quad z > 0 \\ 0, \quad z \leqslant 0 \end{dcases}",
        "ReLU(z) = cases(z if z > 0; 0 if z <= 0)",
    ),
    # conditions of a line
    (r"ReLU(z) = z, \quad \text{if } z > 0", "ReLU(z) = z if z > 0"),
    (r"ReLU(z) = z \quad \text{for } z > 0", "ReLU(z) = z if z > 0"),
    (r"ReLU(z) = z \text{ when } z \ge 0.", "ReLU(z) = z if z >= 0"),
    (r"ReLU(z) = z, \quad z > 0", "ReLU(z) = z if z > 0"),
    (
        r"r^{(2)} = W^{(1)} W^{(0)} x \quad \text{if } z^{(1)} > 0 \text{ and } z^{(2)} > 0",
        "r2 = W1*W0*x if z1 > 0 and z2 > 0",
    ),
    (
        r"r^{(2)} = W^{(1)} W^{(0)} x\quad\text{if } \min(z^{(1)}, z^{(2)}) > 0",
        "r2 = W1*W0*x if z1 > 0 and z2 > 0",
    ),
    (
        r"r^{(2)} = 0 \quad \text{if } z^{(1)} < 0 \text{ or } z^{(2)} < 0",
        "r2 = 0 if z1 < 0 or z2 < 0",
    ),
    (r"r^{(1)} = z^{(1)} \text{ since } z^{(1)} > 0", "r1 = z1 if z1 > 0"),
    # furniture
    (r"\boxed{\delta^{(1)} = 0}", "dC/dz1 = 0"),
    (r"\boxed{\frac{\partial C}{\partial W^{(0)}}} = \delta^{(1)} x", "dC/dW0 = dC/dz1*x"),
    (r"\delta^{(1)} = 0 \tag{7}", "dC/dz1 = 0"),
    (r"\delta^{(1)} = 0 \qquad (7)", "dC/dz1 = 0"),
    (
        r"\delta^{(1)} = \underbrace{\delta^{(2)} W^{(1)}}_{\partial C/\partial r} Step(z^{(1)})",
        "dC/dz1 = dC/dz2*W1*Step(z1)",
    ),
    (r"\bigl(z^{(1)}\bigr) = \Big( z^{(1)} \Big)", "z1 = z1"),
    (r"{z^{(1)}} = \displaystyle z^{(1)}", "z1 = z1"),
    (r"z^{(1)} \overset{!}{=} W^{(0)} x", "z1 = W0*x"),
    (r"z^{(1)} := W^{(0)} x", "z1 = W0*x"),
    (r"z^{(1)} \equiv W^{(0)} x", "z1 = W0*x"),
    (r"z^{(1)} \coloneqq W^{(0)} x", "z1 = W0*x"),
    (r"z^{(1)} = % a comment" "\n" r" W^{(0)} x", "z1 = W0*x"),
    (r"{}= z^{(1)} - z^{(1)}", None),
    # Unicode
    ("∂C/∂W⁽⁰⁾ = 0", "dC/dW0 = 0"),
    (r"∂C/∂z^{(1)} = δ^{(1)}", "dC/dz1 = dC/dz1"),
    (r"ŷ − y = −(y − ŷ)", "r2 - y = r2 - y"),
    (r"C = ½ (y − ŷ)²", "C = 1/2*(y - r2)^2"),
    (r"z^{(2)} = W^{(1)} · r^{(1)}", "z2 = W1*r1"),
]


@pytest.mark.parametrize(("formula", "expected"), CHAINS)
def test_formulas_of_a_chain_of_one_unit_layers(formula: str, expected: str | None) -> None:
    if expected is None:
        found = read_document(f"$${formula}$$", CHAIN, kind="markdown")
        assert all(isinstance(s, NotUnderstood) for s in found)
    else:
        assert read(formula, CHAIN) == [expected]


INDEXED = [
    (WIDE, r"z^{(1)}_j = \sum_i W^{(0)}_{ij} x_i", "z1[j] = sum(i, W0[i,j]*x[i])"),
    (WIDE, r"z_j^{(1)} = \sum_{i=1}^{n_0} W_{ij}^{(0)} x_i", "z1[j] = sum(i, W0[i,j]*x[i])"),
    (
        WIDE,
        r"z_{j}^{(1)} = \sum\limits_{i=1}^{n} W_{i,j}^{(0)} x_{i}",
        "z1[j] = sum(i, W0[i,j]*x[i])",
    ),
    (WIDE, r"z^{(1)}_j = \sum_{\forall i} W^{(0)}_{ij} r^{(0)}_i", "z1[j] = sum(i, W0[i,j]*x[i])"),
    (WIDE, r"z^{(1)}_k = \sum_n W^{(0)}_{nk} x_n", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"z^{(1)}_a = \sum_b W^{(0)}_{ba} x_b", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"z^{(1)}_{j'} = \sum_{i'} W^{(0)}_{i'j'} x_{i'}", "z1[l] = sum(m, W0[m,l]*x[m])"),
    (WIDE, r"z^{(1)}_j = \sum_i x_i W^{(0)}_{ij} \quad \forall j", "z1[j] = sum(i, W0[i,j]*x[i])"),
    (
        WIDE,
        r"z^{(1)}_j = \sum_i x_i W^{(0)}_{ij}, \quad j = 1, \dots, n_1",
        "z1[j] = sum(i, W0[i,j]*x[i])",
    ),
    (
        WIDE,
        r"z^{(2)}_l = \sum_{i,j} W^{(1)}_{jl} ReLU(W^{(0)}_{ij} x_i)",
        "z2[l] = sum(i, sum(j, W1[j,l]*ReLU(W0[i,j]*x[i])))",
    ),
    (
        WIDE,
        r"\frac{\partial C}{\partial W^{(0)}_{ij}} = \delta^{(1)}_j x_i",
        "dC/dW0[i,j] = dC/dz1[j]*x[i]",
    ),
    (
        WIDE,
        r"\frac{\partial z^{(1)}_j}{\partial W^{(0)}_{lm}} = \delta_{jm} x_l",
        "dz1[j]/dW0[l,m] = delta(j,m)*x[l]",
    ),
    (
        WIDE,
        r"\frac{\partial^2 C}{\partial W^{(0)}_{ij}\,\partial W^{(1)}_{lm}} = 0",
        "d2C/dW0[i,j]dW1[l,m] = 0",
    ),
    (WIDE, r"W^{(0)}_{11} = W^{(0)}_{1,1}", "W0[0,0] = W0[0,0]"),
    (WIDE, r"W_{12}^{(0)} = W_{1 2}^{(0)}", "W0[0,1] = W0[0,1]"),
    (WIDE, r"\hat y_j = r^{(2)}_j", "r2[j] = r2[j]"),
    (WIDE, r"C = \frac12 \sum_j (y_j - \hat y_j)^2", "C = 1/2*sum(j, (y[j] - r2[j])^2)"),
    (WIDE, r"\frac{\partial C}{\partial \hat{y}_j} = \hat{y}_j - y_j", "dC/dr2[j] = r2[j] - y[j]"),
    (
        SMALL,
        r"z^{(1)}_1 = W^{(0)}_{11} x_1 + W^{(0)}_{21} x_2",
        "z1[0] = W0[0,0]*x[0] + W0[1,0]*x[1]",
    ),
    (SMALL, r"z^{(2)} = \sum_{j=1}^3 W^{(1)}_j r^{(1)}_j", "z2 = sum(j, W1[j]*r1[j])"),
    (SMALL, r"z^{(2)} = \sum_{j=1}^{3} W^{(1)}_{j1} r^{(1)}_j", "z2 = sum(j, W1[j]*r1[j])"),
    (SMALL, r"z^{(2)} = \sum_{j=1}^{2} W^{(1)}_{j} r^{(1)}_j", "z2 = W1[0]*r1[0] + W1[1]*r1[1]"),
    (
        SMALL,
        r"\frac{\partial C}{\partial x_i} = \sum_j \delta^{(1)}_j W^{(0)}_{ij}",
        "dC/dx[i] = sum(j, dC/dz1[j]*W0[i,j])",
    ),
    (
        BIASED,
        r"z^{(1)}_j = \sum_i W^{(0)}_{ij} x_i + b^{(0)}_j",
        "z1[j] = sum(i, W0[i,j]*x[i]) + b0[j]",
    ),
    (BIASED, r"\frac{\partial C}{\partial b^{(0)}_j} = \delta_j^{(1)}", "dC/db0[j] = dC/dz1[j]"),
    (
        SMOOTH,
        r"\sigma'(z^{(1)}_j) = r^{(1)}_j (1 - r^{(1)}_j)",
        "sigmoid(z1[j])*(1 - sigmoid(z1[j])) = r1[j]*(1 - r1[j])",
    ),
    (
        SOFTMAX,
        r"r^{(2)}_j = \frac{e^{z^{(2)}_j}}{\sum_m e^{z^{(2)}_m}}",
        "r2[j] = exp(z2[j])/sum(m, exp(z2[m]))",
    ),
    (SOFTMAX, r"r^{(2)}_j = \mathrm{softmax}(z^{(2)})_j", "r2[j] = exp(z2[j])/sum(l, exp(z2[l]))"),
    (SOFTMAX, r"r^{(2)}_j = \text{softmax}_j(z^{(2)})", "r2[j] = exp(z2[j])/sum(l, exp(z2[l]))"),
    (SOFTMAX, r"C = -\sum_j y_j \log \hat y_j", "C = -sum(j, y[j]*log(r2[j]))"),
    (
        SOFTMAX,
        r"\frac{\partial C}{\partial z^{(2)}_j} = r^{(2)}_j - y_j",
        "dC/dz2[j] = r2[j] - y[j]",
    ),
    (
        LAYER,
        r"z^{(k+1)}_j = \sum_{\forall i} W^{(k)}_{ij} r^{(k)}_i",
        "z{k+1}[j] = sum(i, W{k}[i,j]*r{k}[i])",
    ),
    (
        LAYER,
        r"\frac{\partial C}{\partial r^{(k)}_i} = \sum_{\forall j} \frac{\partial C}{\partial z^{(k+1)}_j} W^{(k)}_{ij}",
        "dC/dr{k}[i] = sum(j, dC/dz{k+1}[j]*W{k}[i,j])",
    ),
    (LEAKY, r"r^{(1)} = \mathrm{LeakyReLU}_{\alpha}(z^{(1)})", "r1 = LeakyReLU(z1, alpha)"),
    (LEAKY, r"r^{(1)} = \mathrm{LeakyReLU}(z^{(1)})", "r1 = LeakyReLU(z1, alpha)"),
    (
        LEAKY,
        r"f'(z^{(1)}) = \alpha + (1 - \alpha) Step(z^{(1)})",
        "alpha + (1 - alpha)*Step(z1) = alpha + (1 - alpha)*Step(z1)",
    ),
    # second order
    (WIDE, r"G^{(2)}_{ij} = \delta_{ij}", "G2[i,j] = delta(i,j)"),
    (
        WIDE,
        r"\mathcal{R}\{z^{(1)}_j\} = \sum_i V^{(0)}_{ij} x_i",
        "R(z1[j]) = sum(i, V0[i,j]*x[i])",
    ),
    (
        WIDE,
        r"\mathcal{R}\left\{\frac{\partial C}{\partial z^{(2)}_j}\right\} = \mathcal{R}\{r^{(2)}_j\}",
        "R(dC/dz2[j]) = R(r2[j])",
    ),
    (
        WIDE,
        r"\gamma^{(1)}_i = \sum_j G^{(1)}_{ij} \mathcal{R}\{z^{(1)}_j\}",
        "Gv1[i] = sum(j, R(z1[j])*G1[i,j])",
    ),
    # matrices, z = W^T r
    (WIDE, r"z^{(1)} = (W^{(0)})^T x", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"z^{(1)} = W^{(0)T} x", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"z^{(1)} = {W^{(0)}}^\top x", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"\mathbf z^{(1)} = \mathbf W^{(0)\top} \mathbf x", "z1[i] = sum(j, W0[j,i]*x[j])"),
    (WIDE, r"\nabla_{W^{(0)}} C = x {\delta^{(1)}}^T", "dC/dW0[i,j] = dC/dz1[j]*x[i]"),
    (
        WIDE,
        r"\delta^{(1)} = (W^{(1)} \delta^{(2)}) \odot f'(z^{(1)})",
        "dC/dz1[i] = Step(z1[i])*sum(j, dC/dz2[j]*W1[i,j])",
    ),
    (
        WIDE,
        r"\delta^{(1)} = W^{(1)} \delta^{(2)} \odot f'(z^{(1)})",
        "dC/dz1[i] = Step(z1[i])*sum(j, dC/dz2[j]*W1[i,j])",
    ),
    (WIDE, r"\delta^{(1)} = \mathrm{diag}(f'(z^{(1)})) W^{(1)} \delta^{(2)}", None),
    (WIDE, r"r^{(1)} = \max(0, z^{(1)})", "r1[i] = max(0, z1[i])"),
    (WIDE, r"r^{(1)} = ReLU(z^{(1)})", "r1[i] = ReLU(z1[i])"),
    (WIDE, r"\frac{\partial C}{\partial r^{(2)}} = r^{(2)} - y", "dC/dr2[i] = r2[i] - y[i]"),
    (WIDE, r"C = \frac12 \|y - r^{(2)}\|^2", None),
    (WIDE, r"C = \frac12 (y - \hat{y})^T (y - \hat y)", None),
    (WIDE, r"\left(W^{(0)T} x\right)_j = z^{(1)}_j", "sum(i, W0[i,j]*x[i]) = z1[j]"),
    (BIASED, r"z^{(1)} = W^{(0)T} x + b^{(0)}", "z1[i] = sum(j, W0[j,i]*x[j]) + b0[i]"),
    (SMOOTH, r"\delta^{(2)} = (r^{(2)} - y) \odot r^{(2)} \odot (1 - r^{(2)})", None),
    (WIDE, r"\operatorname{vec}(W^{(0)}) = \mathrm{vec}\left(W^{(0)}\right)", "W0[j,i] = W0[j,i]"),
    (
        WIDE,
        r"\frac{\partial C}{\partial\,\mathrm{vec}(W^{(0)})} = \operatorname{vec}(x {\delta^{(1)}}^\top)",
        None,
    ),
    (
        WIDE,
        r"\frac{\partial^2 C}{\partial\mathrm{vec}({W^{(0)}}^\top) \partial\mathrm{vec}({W^{(0)}}^\top)} = (x x^\top) \otimes \frac{\partial^2 C}{\partial z^{(1)} \partial z^{(1)}}",
        "d2C/dW0[i,j]dW0[l,m] = d2C/dz1[j]dz1[m]*x[i]*x[l]",
    ),
    (
        WIDE,
        r"\frac{\partial z^{(1)}_i}{\partial x} = \frac{\partial z^{(1)}_i}{\partial r^{(0)}}",
        "dz1[i]/dx[j] = dz1[i]/dx[j]",
    ),
    (SMALL, r"z^{(1)} = \begin{pmatrix} z^{(1)}_1 \\ z^{(1)}_2 \\ z^{(1)}_3 \end{pmatrix}", None),
    (
        SOFTMAX,
        r"r^{(2)} = \operatorname{softmax}(z^{(2)})",
        "r2[i] = exp(z2[i])/sum(j, exp(z2[j]))",
    ),
]


@pytest.mark.parametrize(("network", "formula", "expected"), INDEXED)
def test_formulas_with_indices_and_matrices(
    network: Network, formula: str, expected: str | None
) -> None:
    found = read(formula, network)
    assert found
    if expected is not None:
        assert found == [expected]
