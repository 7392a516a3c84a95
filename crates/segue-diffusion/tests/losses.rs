//! Losses against values computed by hand.

use burn::tensor::{Device, Int, Tensor, TensorData, Tolerance};
use segue_diffusion::losses::{
    NoiseGate, balanced_cross_entropy, balanced_distance, binary_cross_entropy, class_balance,
    contrastive, dice, fake_cross_entropy, flow_matching, free_bits_divergence,
    gated_cross_entropy, kl_divergence, pixel_cross_entropy, pixel_divergence, soft_jaccard,
};

fn assert_is(loss: Tensor<1>, expected: f64) {
    let value = loss.into_scalar::<f32>() as f64;
    assert!(
        (value - expected).abs() < 1e-5,
        "{value}, expected {expected}"
    );
}

/// One picture of 2x2 pixels: three of class 0, one of class 2; class 1 is absent.
fn labels() -> Tensor<3, Int> {
    Tensor::from_ints([[[0, 0], [2, 0]]], &Device::flex())
}

/// Logits whose softmax is 1/2, 1/4, 1/8, 1/8 for channels 0 to 3 at every pixel.
fn logits() -> Tensor<4> {
    let logs: Vec<f32> = [0.5f32, 0.25, 0.125, 0.125]
        .iter()
        .flat_map(|p| [p.ln(); 4])
        .collect();
    Tensor::from_data(TensorData::new(logs, [1, 4, 2, 2]), &Device::flex())
}

#[test]
fn class_weights_share_the_pixels_among_the_classes_present() {
    // 4 pixels, 2 classes present: 4 / (3 * 2) and 4 / (1 * 2).
    let weights = class_balance(labels(), 4, None).into_data();
    weights.assert_approx_eq::<f32>(
        &TensorData::from([4.0 / 6.0, 0.0, 2.0, 0.0]),
        Tolerance::default(),
    );
}

#[test]
fn an_ignored_class_has_no_weight() {
    let weights = class_balance(labels(), 4, Some(0)).into_data();
    weights.assert_approx_eq::<f32>(
        &TensorData::from([0.0, 0.0, 1.0, 0.0]),
        Tolerance::default(),
    );
}

#[test]
fn balanced_distance_equals_the_hand_computed_example() {
    let device = Device::flex();
    // Of class 2's four pixels one is off by 4; all others are right.
    let mut values = vec![0.0; 16];
    values[8] = 4.0;
    let a: Tensor<4> = Tensor::from_data(TensorData::new(values, [1, 1, 4, 4]), &device);
    let distance = |balance| balanced_distance(a.clone(), a.zeros_like(), labels(), 4, balance);
    // Its mean over the four is 1. All pixels alike: one quarter; all classes alike: one half of two.
    assert_is(distance(0.0), 0.25);
    assert_is(distance(1.0), 0.5);
    // The square roots of 2/3, three times, and of 2.
    let rare = 2f64.sqrt();
    assert_is(distance(0.5), rare / (rare + 3.0 * (2f64 / 3.0).sqrt()));
}

#[test]
fn balanced_loss_equals_the_hand_computed_example() {
    // The mean over classes of each one's mean: (ln 2 + ln 8) / 2.
    let expected = (2f64.ln() + 8f64.ln()) / 2.0;
    assert_is(balanced_cross_entropy(logits(), labels(), None), expected);
    // Class 0 ignored: class 2 alone.
    assert_is(
        balanced_cross_entropy(logits(), labels(), Some(0)),
        8f64.ln(),
    );
}

#[test]
fn overlap_equals_the_hand_computed_example() {
    // Class 0: 3 / 2 of 2 + 3 - 3 / 2; class 2: 1 / 8 of 1 / 2 + 1 - 1 / 8; class 1 is absent.
    let overlaps = [1.5 / 3.5, 0.125 / 1.375];
    let expected = 1.0 - f64::midpoint(overlaps[0], overlaps[1]);
    assert_is(soft_jaccard(logits(), labels(), None), expected);
    // Class 0 ignored: of class 2 alone, whose probability elsewhere counts for nothing.
    assert_is(
        soft_jaccard(logits(), labels(), Some(0)),
        1.0 - 0.125 / (0.125 + 1.0 - 0.125),
    );
}

#[test]
fn divergence_of_pixels_equals_the_hand_computed_example() {
    assert_is(pixel_divergence(logits(), logits()), 0.0);
    // Of a reference that knows nothing: a quarter of ln(1/4) - ln(q) for each of the four channels.
    let expected = 2f64.ln() / 4.0;
    assert_is(pixel_divergence(logits(), logits().zeros_like()), expected);
}

#[test]
fn gates_scale_what_their_items_cost_and_do_not_cancel() {
    let twice = |t: Tensor<4>| Tensor::cat(vec![t.clone(), t], 0);
    let labels = Tensor::cat(vec![labels(), labels()], 0);
    let gates = |gates: [f32; 2]| {
        let gates = Tensor::from_floats(gates, &Device::flex());
        gated_cross_entropy(twice(logits()), labels.clone(), None, gates)
    };
    let balanced = (2f64.ln() + 8f64.ln()) / 2.0;
    assert_is(gates([1.0, 1.0]), balanced);
    assert_is(gates([0.5, 0.0]), balanced / 4.0);
    assert_is(gates([0.0, 0.0]), 0.0);
}

#[test]
fn pixels_without_weight_do_not_count() {
    let weights = Tensor::<3>::from_floats([[[1.0, 0.0], [1.0, 0.0]]], &Device::flex());
    let expected = (2f64.ln() + 8f64.ln()) / 2.0;
    assert_is(pixel_cross_entropy(logits(), labels(), weights), expected);
    let none = Tensor::<3>::zeros([1, 2, 2], &Device::flex());
    assert_is(pixel_cross_entropy(logits(), labels(), none), 0.0);
}

#[test]
fn fake_is_the_last_channel() {
    assert_is(fake_cross_entropy(logits()), 8f64.ln());
}

#[test]
fn flow_matching_weighs_items() {
    let device = Device::flex();
    let velocity = Tensor::<4>::from_floats([[[[1.0, 3.0]]], [[[0.0, 2.0]]]], &device);
    let target = Tensor::zeros([2, 1, 1, 2], &device);
    let weights = Tensor::<1>::from_floats([1.0, 0.5], &device);
    // Items' errors are 5 and 2.
    assert_is(
        flow_matching(velocity, target, weights),
        (5.0 + 0.5 * 2.0) / 2.0,
    );
}

#[test]
fn kl_is_zero_at_the_standard_normal_and_right_elsewhere() {
    let device = Device::flex();
    let number = |value: f32| Tensor::<2>::full([1, 1], value, &device);
    assert_is(kl_divergence(number(0.0), number(0.0)), 0.0);
    // Mean 2, variance 4: (4 + 4 - 1 - ln 4) / 2.
    assert_is(
        kl_divergence(number(2.0), number(4f32.ln())),
        (7.0 - 4f64.ln()) / 2.0,
    );
}

#[test]
fn binary_cross_entropy_is_stable_and_right() {
    let device = Device::flex();
    let logits = Tensor::<1>::from_floats([0.0, 100.0, -100.0, 3.0], &device);
    let targets = Tensor::<1>::from_floats([0.5, 1.0, 0.0, 0.0], &device);
    let weights = Tensor::<1>::from_floats([1.0, 1.0, 1.0, 0.0], &device);
    assert_is(
        binary_cross_entropy(logits, targets, weights),
        2f64.ln() / 3.0,
    );
}

#[test]
fn contrastive_loss_of_orthogonal_pairs() {
    let device = Device::flex();
    let pairs = Tensor::<2>::eye(2, &device);
    let scale = Tensor::<1>::from_floats([3.0], &device);
    // Each row's logits are 3 and 0: ln(1 + e^-3).
    let expected = (1.0 + (-3f64).exp()).ln();
    assert_is(contrastive(pairs.clone(), pairs, scale), expected);
}

#[test]
fn the_gate_closes_linearly() {
    let gate = NoiseGate {
        full: 0.2,
        zero: 0.6,
    };
    let weights = [0.0, 0.2, 0.4, 0.6, 1.0].map(|time| gate.weight(time));
    for (weight, expected) in weights.iter().zip([1.0, 1.0, 0.5, 0.0, 0.0]) {
        assert!((weight - expected).abs() < 1e-12, "{weights:?}");
    }
}

#[test]
fn free_bits_are_a_floor_for_each_number_of_the_latent() {
    let device = Device::flex();
    let mean = Tensor::<2>::from_floats([[2.0, 0.0], [0.0, 0.0]], &device);
    let log_var = Tensor::<2>::zeros([2, 2], &device);
    // The first number costs (2^2 / 2 + 0) / 2 = 1, the second nothing.
    let cost = |free| free_bits_divergence(mean.clone(), log_var.clone(), free);
    assert_is(cost(0.0), 1.0);
    assert_is(cost(0.25), 1.25);
}

#[test]
fn dice_equals_the_hand_computed_example() {
    let device = Device::flex();
    let logits = Tensor::<3>::zeros([2, 1, 4], &device);
    let targets =
        Tensor::<3>::from_floats([[[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]]], &device);
    // 1 - (2 * 1 + 1) / (2 + 2 + 1) and 1 - (2 * 0.5 + 1) / (2 + 1 + 1), weighted 3 to 1.
    let weights = Tensor::<1>::from_floats([3.0, 1.0], &device);
    assert_is(dice(logits, targets, weights), (3.0 * 0.4 + 0.5) / 4.0);
}
