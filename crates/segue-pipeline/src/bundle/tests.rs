//! Bundles of `nano`'s random networks, whole and broken.

use burn::module::Module;
use burn::tensor::{Device, read_sync};
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_model::tokenizer::Tokenizer;
use segue_scene::palette::Palette;
use serde_json::{Value, json};

use super::encoding::Encoding;
use super::loader::Bundle;
use super::manifest::{MANIFEST_FILE, MAX_SHARD_BYTES, Manifest, Provenance};
use super::network::Network;
use super::networks::Networks;
use super::parameters::{ParameterSpec, Weight, parameters, read_weights};
use super::writer::{BundleFiles, Description, NetworkWeights, write, write_variant};

fn vocabulary() -> Vocabulary {
    Vocabulary {
        n_classes: Palette::scene().len(),
        n_colours: 12,
        n_sizes: 4,
        n_states: 10,
        n_times: 3,
    }
}

fn nano() -> ModelConfig {
    ModelConfig::nano(vocabulary())
}

/// All networks of a size with random weights.
fn networks(config: ModelConfig) -> Networks {
    let device = Device::flex();
    device.seed(7);
    let captions = ["two sheep and a red house", "hai con cừu"];
    let tokenizer = Tokenizer::train(captions.iter().cycle().take(20), 400).unwrap();
    Networks {
        tokenizer: Some(tokenizer),
        text: Some(config.text.init(&device)),
        planner: Some(config.planner.init(&device)),
        mapper: Some(config.mapper.init(&device)),
        denoiser: Some(config.denoiser.init(&device)),
        decoder: Some(config.autoencoder.init_decoder(&device)),
        judge_b: Some(config.judge_b.init(&device)),
        judge_a: Some(config.judge_a.init(&device)),
        encoder: Some(config.autoencoder.init_encoder(&device)),
        scorer: Some(config.scorer.init(&device)),
        segmenter: Some(config.segmenter.init(&device)),
        ..Networks::new(config, Palette::scene().clone())
    }
}

fn description(networks: &Networks) -> Description {
    Description {
        preset: "nano".to_owned(),
        config: networks.config.clone(),
        palette: networks.palette.clone(),
        provenance: Provenance {
            command: "segue train --preset nano".to_owned(),
            ..Provenance::default()
        },
    }
}

fn pack(networks: &Networks) -> BundleFiles {
    let weights = read_sync(networks.weights()).unwrap();
    let tokenizer = networks.tokenizer.as_ref().map(Tokenizer::to_bytes);
    write(description(networks), tokenizer, weights).unwrap()
}

/// A bundle of the text encoder alone, for tests that break it.
fn text_only() -> BundleFiles {
    let all = networks(nano());
    pack(&Networks {
        text: all.text,
        ..Networks::new(all.config, all.palette)
    })
}

/// Megabytes that a visitor downloads of a size: all but what only training uses.
fn megabytes(config: ModelConfig) -> f64 {
    let visited = Networks {
        encoder: None,
        scorer: None,
        segmenter: None,
        ..networks(config)
    };
    let packed = pack(&visited).files;
    packed
        .iter()
        .map(|(_, bytes)| bytes.len() as f64 / 1e6)
        .sum()
}

#[test]
fn what_a_visitor_downloads_is_small() {
    let [nano, tiny, base] = [ModelConfig::nano, ModelConfig::tiny, ModelConfig::base]
        .map(|preset| megabytes(preset(vocabulary())));
    println!("nano {nano:.2} MB, tiny {tiny:.2} MB, base {base:.2} MB");
    assert!(nano < 2.0 && tiny < 14.0 && base < 15.5);
}

fn manifest_of(files: &BundleFiles) -> &[u8] {
    &files.files.last().unwrap().1
}

fn opened(files: &BundleFiles) -> Bundle {
    let mut bundle = Bundle::open(manifest_of(files)).unwrap();
    add_all(&mut bundle, "", files);
    bundle
}

fn add_all(bundle: &mut Bundle, prefix: &str, files: &BundleFiles) {
    for (name, bytes) in &files.files {
        if name != MANIFEST_FILE {
            bundle.add(&format!("{prefix}{name}"), bytes).unwrap();
        }
    }
}

/// The manifest with one change, its identity made anew.
fn changed(files: &BundleFiles, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(manifest_of(files)).unwrap();
    change(&mut value);
    let mut manifest: Manifest = serde_json::from_value(value).unwrap();
    manifest.identity = manifest.computed_identity();
    manifest.to_json()
}

fn check_error<T>(result: Result<T, super::error::BundleError>, parts: &[&str]) {
    let message = result.err().expect("it must be refused").to_string();
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

fn weights_of<M: Module>(module: &M) -> Vec<Weight> {
    read_sync(read_weights(module)).unwrap()
}

fn load_text(bundle: &Bundle) -> Result<Vec<Weight>, super::error::BundleError> {
    let module = bundle.config().text.init(&Device::flex());
    bundle
        .load_into(Network::Text, module)
        .map(|text| weights_of(&text))
}

#[test]
fn networks_come_back_within_the_errors_that_the_manifest_states() {
    let before = networks(nano());
    let files = pack(&before);
    let bundle = opened(&files);
    let after = Networks::load(&bundle, |_| Device::flex()).unwrap();
    let [before, after] = [&before, &after].map(|networks| read_sync(networks.weights()).unwrap());
    assert_eq!(after.len(), Network::ALL.len());
    for ((before, after), entry) in before.iter().zip(&after).zip(&files.manifest.networks) {
        assert_eq!(before.network, after.network);
        let tensors = before.weights.iter().zip(&after.weights);
        for ((before, after), entry) in tensors.zip(&entry.tensors) {
            assert_eq!(before.spec, after.spec);
            let norm = |values: &mut dyn Iterator<Item = f32>| {
                values.map(|value| value * value).sum::<f32>().sqrt()
            };
            let lost = norm(&mut before.values.iter().zip(&after.values).map(|(a, b)| a - b));
            let whole = norm(&mut before.values.iter().copied());
            let limit = if matches!(entry.encoding, Encoding::I8 { .. }) {
                0.01
            } else {
                1.0 / 1024.0
            };
            assert!(lost <= limit * whole, "{}: {lost} of {whole}", entry.name);
            assert!((lost - entry.error * whole).abs() <= 1e-3 * whole);
        }
    }
}

#[test]
fn the_tokenizer_comes_back() {
    let networks = networks(nano());
    let back = opened(&pack(&networks)).tokenizer().unwrap();
    let before = networks.tokenizer.unwrap();
    let text = "two red sheep, hai con cừu";
    assert_eq!(back.encode(text), before.encode(text));
}

#[test]
fn the_same_networks_give_the_same_bytes() {
    let networks = networks(nano());
    assert_eq!(pack(&networks).files, pack(&networks).files);
}

#[test]
fn files_come_in_the_order_of_first_use() {
    let files = pack(&networks(nano()));
    let bundle = Bundle::open(manifest_of(&files)).unwrap();
    let needed = bundle.needed();
    let mut order: Vec<Option<Network>> = needed.iter().map(|file| file.network).collect();
    order.dedup();
    let expected: Vec<Option<Network>> = [None].into_iter().chain(Network::ALL.map(Some)).collect();
    assert_eq!(order, expected);
    let listed = files.files.iter().map(|(name, _)| name.as_str());
    let needed = needed.iter().map(|file| file.path.as_str());
    assert!(listed.eq(needed.chain([MANIFEST_FILE])));
}

#[test]
fn a_network_works_before_the_next_has_arrived() {
    let files = pack(&networks(nano()));
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    for file in bundle.needed().iter().take(2) {
        let (_, bytes) = files
            .files
            .iter()
            .find(|(name, _)| *name == file.path)
            .unwrap();
        bundle.add(&file.path, bytes).unwrap();
    }
    assert!(bundle.has(Network::Text) && !bundle.has(Network::Planner));
    load_text(&bundle).unwrap();
    let planner = bundle.config().planner.init(&Device::flex());
    check_error(
        bundle.load_into(Network::Planner, planner),
        &["planner-0.bin is missing", "fetch it first"],
    );
}

#[test]
fn optional_networks_may_be_left_out() {
    let files = pack(&networks(nano()));
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    for file in bundle.needed() {
        if !file.network.is_some_and(Network::is_optional) {
            let (_, bytes) = files
                .files
                .iter()
                .find(|(name, _)| *name == file.path)
                .unwrap();
            bundle.add(&file.path, bytes).unwrap();
        }
    }
    let networks = Networks::load(&bundle, |_| Device::flex()).unwrap();
    assert!(networks.encoder.is_none() && networks.scorer.is_none());
    assert!(networks.denoiser.is_some());
}

#[test]
fn a_large_network_is_cut_into_shards_of_four_mebibytes() {
    let config = nano();
    let spec = |name: &str, shape: &[usize]| ParameterSpec {
        name: name.to_owned(),
        shape: shape.to_vec(),
        channel_axis: None,
    };
    let shapes = [("a", [1_500_000]), ("b", [1_500_000])];
    let weights = shapes.map(|(name, shape)| Weight {
        values: vec![0.5; shape[0]],
        spec: spec(name, &shape),
    });
    let large = NetworkWeights {
        network: Network::Text,
        weights: weights.to_vec(),
    };
    let networks = Networks::new(config, Palette::scene().clone());
    let files = write(description(&networks), None, vec![large]).unwrap();
    let lengths: Vec<usize> = files.files.iter().map(|(_, bytes)| bytes.len()).collect();
    assert_eq!(lengths[..2], [MAX_SHARD_BYTES, 6_000_000 - MAX_SHARD_BYTES]);
    let bundle = opened(&files);
    let (entry, bytes) = bundle.encoded(Network::Text, "b").unwrap();
    assert_eq!(
        entry.encoding.decode(&[1_500_000], bytes),
        vec![0.5; 1_500_000]
    );
}

#[test]
fn a_damaged_file_is_named_with_both_hashes() {
    let files = text_only();
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    let (name, mut bytes) = files.files[0].clone();
    let expected = bundle.needed()[0].sha256.clone();
    bytes[100] ^= 1;
    check_error(
        bundle.add(&name, &bytes),
        &[
            "text-0.bin is damaged",
            &expected,
            "is there",
            "fetch it again",
        ],
    );
    assert!(!bundle.has(Network::Text));
}

#[test]
fn a_truncated_file_is_named_with_both_lengths() {
    let files = text_only();
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    let (name, bytes) = &files.files[0];
    let lengths = [bytes.len() - 1, bytes.len()].map(|length| length.to_string());
    check_error(
        bundle.add(name, &bytes[..bytes.len() - 1]),
        &["text-0.bin has", &lengths[0], &lengths[1]],
    );
}

#[test]
fn swapped_files_are_refused() {
    let files = pack(&networks(nano()));
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    let bytes = |name: &str| &files.files.iter().find(|(file, _)| file == name).unwrap().1;
    check_error(
        bundle.add("text-0.bin", bytes("planner-0.bin")),
        &["text-0.bin has", "bytes"],
    );
}

#[test]
fn a_file_of_another_bundle_is_refused() {
    let files = text_only();
    let mut bundle = Bundle::open(manifest_of(&files)).unwrap();
    check_error(
        bundle.add("mapper-0.bin", &[]),
        &["mapper-0.bin is not a file of this bundle", "text-0.bin"],
    );
}

#[test]
fn another_version_is_told_from_damage() {
    let files = text_only();
    let mut value: Value = serde_json::from_slice(manifest_of(&files)).unwrap();
    value["format_version"] = json!(2);
    value["new_field"] = json!("of that version");
    check_error(
        Bundle::open(value.to_string().as_bytes()),
        &["format version 2", "reads version 1"],
    );
}

#[test]
fn an_unknown_network_is_named_with_the_known_ones() {
    let files = text_only();
    let mut value: Value = serde_json::from_slice(manifest_of(&files)).unwrap();
    value["networks"][0]["name"] = json!("painter");
    check_error(
        Bundle::open(value.to_string().as_bytes()),
        &["manifest.json", "`painter`", "`text`, `planner`"],
    );
}

#[test]
fn a_network_that_the_bundle_lacks_is_named() {
    let bundle = opened(&text_only());
    let mapper = bundle.config().mapper.init(&Device::flex());
    check_error(
        bundle.load_into(Network::Mapper, mapper),
        &["the bundle holds no mapper, only text"],
    );
}

#[test]
fn a_manifest_edited_by_hand_is_refused() {
    let files = text_only();
    let mut value: Value = serde_json::from_slice(manifest_of(&files)).unwrap();
    value["networks"][0]["tensors"][0]["name"] = json!("tokens.wait");
    check_error(
        Bundle::open(value.to_string().as_bytes()),
        &["calls itself", &files.manifest.identity],
    );
}

#[test]
fn scores_may_be_added_without_another_identity() {
    let files = text_only();
    let mut value: Value = serde_json::from_slice(manifest_of(&files)).unwrap();
    value["provenance"]["scores"]["verdict"] = json!(0.9);
    let bundle = Bundle::open(value.to_string().as_bytes()).unwrap();
    assert_eq!(bundle.identity(), files.manifest.identity);
}

#[test]
fn a_missing_tensor_is_named_with_the_files_searched() {
    let files = text_only();
    let manifest = changed(&files, |value| {
        value["networks"][0]["tensors"][0]["name"] = json!("words.weight");
    });
    let mut bundle = Bundle::open(&manifest).unwrap();
    add_all(&mut bundle, "", &files);
    check_error(
        load_text(&bundle),
        &["tensor `tokens.weight` of text", "text-0.bin"],
    );
}

#[test]
fn a_tensor_without_a_place_is_named() {
    let files = text_only();
    let bundle = opened(&files);
    let mut shallow = bundle.config().text.clone();
    shallow.n_layers = 0;
    check_error(
        bundle.load_into(Network::Text, shallow.init(&Device::flex())),
        &[
            "text-0.bin has a tensor `layers.0.norm1.gamma`",
            "text has no place for",
        ],
    );
}

#[test]
fn a_tensor_of_another_shape_is_named_with_both() {
    let bundle = opened(&text_only());
    let mut other = bundle.config().text.clone();
    other.n_vocabulary = 500;
    check_error(
        bundle.load_into(Network::Text, other.init(&Device::flex())),
        &[
            "`tokens.weight` of text",
            "[1024, 32] in text-0.bin",
            "[500, 32]",
        ],
    );
}

#[test]
fn a_manifest_whose_lengths_do_not_add_up_is_refused() {
    let files = text_only();
    let manifest = changed(&files, |value| {
        value["networks"][0]["tensors"][0]["shape"] = json!([1024, 33]);
    });
    check_error(
        Bundle::open(&manifest),
        &["manifest.json is wrong about text", "its tensors need"],
    );
}

#[test]
fn a_file_name_that_leads_out_of_the_folder_is_refused() {
    let files = text_only();
    for name in ["../text-0.bin", "/etc/passwd", ".hidden", ""] {
        let manifest = changed(&files, |value| {
            value["networks"][0]["shards"][0]["file"] = json!(name);
        });
        check_error(Bundle::open(&manifest), &["not a plain file name"]);
    }
}

#[test]
fn networks_that_cannot_be_made_are_refused() {
    let manifest = changed(&text_only(), |value| {
        value["config"]["text"]["n_heads"] = json!(0);
    });
    check_error(
        Bundle::open(&manifest),
        &["manifest.json", "`text.n_heads` cannot be 0"],
    );
}

#[test]
fn weights_that_are_no_numbers_are_not_written() {
    let networks = networks(nano());
    let mut weights = read_sync(networks.weights()).unwrap();
    weights[0].weights[1].values[3] = f32::NAN;
    check_error(
        write(description(&networks), None, weights),
        &["`positions` of text holds NaN"],
    );
}

/// A base, and its networks with another decoder and one more bias in the text encoder.
fn base_and_variant() -> (BundleFiles, BundleFiles, Vec<NetworkWeights>) {
    let networks = networks(nano());
    let base = pack(&networks);
    let mut weights = read_sync(networks.weights()).unwrap();
    for weight in &mut weights[4].weights {
        weight.values.iter_mut().for_each(|value| *value += 1.0);
    }
    let norm = weights[0].weights.last_mut().unwrap();
    norm.values[0] += 1.0;
    let opened = opened(&base);
    let variant = write_variant("tuned", &opened, description(&networks), weights.clone());
    (base, variant.unwrap(), weights)
}

#[test]
fn a_variant_holds_only_what_differs() {
    let (base, variant, _) = base_and_variant();
    let held = variant.manifest.networks.iter();
    let held: Vec<(Network, usize)> = held
        .map(|entry| (entry.name, entry.tensors.len()))
        .collect();
    let of_decoder = base.manifest.networks[4].tensors.len();
    assert_eq!(held, [(Network::Text, 1), (Network::Decoder, of_decoder)]);
    assert!(variant.manifest.tokenizer.is_none());
    assert_ne!(variant.manifest.identity, base.manifest.identity);
}

#[test]
fn a_variant_loads_over_its_base() {
    let (base, variant, weights) = base_and_variant();
    let mut bundle = opened(&base).with_variant(manifest_of(&variant)).unwrap();
    add_all(&mut bundle, "tuned/", &variant);
    assert_eq!(bundle.identity(), variant.manifest.identity);
    let text = load_text(&bundle).unwrap();
    for (got, expected) in text.iter().zip(&weights[0].weights) {
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 0.02;
        assert!(got.values.iter().zip(&expected.values).all(near));
    }
}

#[test]
fn a_network_that_a_variant_replaces_is_not_fetched_from_the_base() {
    let (base, variant, _) = base_and_variant();
    let bundle = Bundle::open(manifest_of(&base)).unwrap();
    let bundle = bundle.with_variant(manifest_of(&variant)).unwrap();
    let needed: Vec<String> = bundle.needed().into_iter().map(|file| file.path).collect();
    assert!(needed.contains(&"tuned/decoder-0.bin".to_owned()));
    assert!(!needed.contains(&"decoder-0.bin".to_owned()));
    assert!(needed.contains(&"tuned/text-0.bin".to_owned()));
    assert!(needed.contains(&"text-0.bin".to_owned()));
}

#[test]
fn a_variant_of_another_base_is_refused() {
    let (base, variant, _) = base_and_variant();
    let other = text_only();
    let bundle = Bundle::open(manifest_of(&other)).unwrap();
    check_error(
        bundle.with_variant(manifest_of(&variant)),
        &["`tuned`", &base.manifest.identity, &other.manifest.identity],
    );
    check_error(
        Bundle::open(manifest_of(&variant)),
        &["`tuned`", "load that first"],
    );
}

#[test]
fn a_variant_of_other_networks_is_refused() {
    let networks = networks(nano());
    let base = opened(&pack(&networks));
    let mut other = description(&networks);
    other.config.autoencoder.latent_mean[0] = 1.0;
    check_error(
        write_variant("tuned", &base, other, Vec::new()),
        &["the configuration of variant `tuned`"],
    );
}

/// Bytes of the weights of a module.
fn bytes_of<M: Module>(module: &M) -> usize {
    let bytes = |spec: &ParameterSpec| {
        Encoding::of(&spec.shape, spec.channel_axis)
            .bytes(&spec.shape)
            .unwrap()
    };
    parameters(module).iter().map(bytes).sum()
}

#[test]
fn a_browser_fetches_at_most_fourteen_megabytes_of_tiny() {
    let networks = networks(ModelConfig::tiny(vocabulary()));
    let required = [
        ("text", networks.text.as_ref().map(bytes_of)),
        ("planner", networks.planner.as_ref().map(bytes_of)),
        ("mapper", networks.mapper.as_ref().map(bytes_of)),
        ("denoiser", networks.denoiser.as_ref().map(bytes_of)),
        ("decoder", networks.decoder.as_ref().map(bytes_of)),
        ("judge-b", networks.judge_b.as_ref().map(bytes_of)),
        ("judge-a", networks.judge_a.as_ref().map(bytes_of)),
    ];
    let total: usize = required.iter().filter_map(|(_, bytes)| *bytes).sum();
    assert!(total <= 14_000_000, "{total} bytes: {required:?}");
}
