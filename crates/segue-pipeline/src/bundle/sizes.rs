//! Which sizes networks can have together: what a configuration must hold before networks are made of it.

use segue_model::preset::ModelConfig;
use serde_json::Value;

/// The largest number in a configuration.
const LARGEST: u64 = 1 << 16;
/// The most learnable numbers that all networks have together.
const MOST_PARAMETERS: u64 = 1 << 30;
/// What numbers of channels are multiples of, since that many are normalized together.
const CHANNELS: u64 = 16;
/// What a picture's side is a multiple of, so that every network can halve it as often as it does.
const SIDE: usize = 32;

/// A configuration that no networks can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the networks' `{field}` cannot be {got}: {reason}")]
pub struct SizeError {
    /// Where it stands in the configuration, with dots.
    pub field: String,
    /// What it is.
    pub got: String,
    /// What it has to be.
    pub reason: String,
}

/// Whether networks can be made of a configuration and work together.
///
/// # Errors
/// [`SizeError`] names the first value that is wrong, and what it has to be.
pub fn check(config: &ModelConfig) -> Result<(), SizeError> {
    let document = serde_json::to_value(config).expect("names and numbers are JSON");
    check_numbers("", &document)?;
    check_divisions(config)?;
    check_lists(config)?;
    check_shared(config)?;
    let parameters = config
        .costs()
        .iter()
        .map(|line| line.cost.parameters)
        .fold(0, u64::saturating_add);
    require(
        parameters <= MOST_PARAMETERS,
        "parameters",
        parameters,
        || format!("all networks together have at most {MOST_PARAMETERS}"),
    )
}

fn require(
    holds: bool,
    field: &str,
    got: impl ToString,
    reason: impl FnOnce() -> String,
) -> Result<(), SizeError> {
    if holds {
        return Ok(());
    }
    Err(SizeError {
        field: field.to_owned(),
        got: got.to_string(),
        reason: reason(),
    })
}

/// No whole number is 0 or absurd, and channels come in groups.
fn check_numbers(path: &str, value: &Value) -> Result<(), SizeError> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            check_numbers(&format!("{path}{dot}{name}"), value)
        }),
        Value::Array(values) => values
            .iter()
            .try_for_each(|value| check_numbers(path, value)),
        _ => {
            let Some(number) = value.as_u64() else {
                return Ok(());
            };
            require((1..=LARGEST).contains(&number), path, number, || {
                format!("it must be 1 to {LARGEST}")
            })?;
            let name = path.rsplit('.').next().unwrap_or(path);
            let is_grouped = name.starts_with("channels") || name == "scales";
            require(
                !is_grouped || number.is_multiple_of(CHANNELS),
                path,
                number,
                || format!("it must be a multiple of {CHANNELS}"),
            )
        }
    }
}

/// What is divided, divides.
fn check_divisions(config: &ModelConfig) -> Result<(), SizeError> {
    let text = &config.scorer.text;
    let mut heads = vec![
        ("text.n_heads", config.text.n_heads, config.text.d_model),
        (
            "planner.n_heads",
            config.planner.n_heads,
            config.planner.d_model,
        ),
        ("scorer.text.n_heads", text.n_heads, text.d_model),
    ];
    let denoiser = &config.denoiser;
    let of_denoiser = denoiser.channels.iter();
    heads.extend(of_denoiser.map(|channels| ("denoiser.n_heads", denoiser.n_heads, *channels)));
    for (field, n_heads, features) in heads {
        require(features.is_multiple_of(n_heads), field, n_heads, || {
            format!("it must divide {features} features")
        })?;
    }
    for (field, patch) in [
        ("autoencoder.patch", config.autoencoder.patch),
        ("denoiser.map.patch", denoiser.map.patch),
    ] {
        require(matches!(patch, 2 | 4), field, patch, || {
            "it must be 2 or 4".to_owned()
        })?;
    }
    let side = config.mapper.mask_size;
    require(side.is_multiple_of(8), "mapper.mask_size", side, || {
        "it must be a multiple of 8".to_owned()
    })?;
    let side = config.image_size;
    require(side.is_multiple_of(SIDE), "image_size", side, || {
        format!("it must be a multiple of {SIDE}")
    })
}

/// Lists have one entry for each of what they are about.
fn check_lists(config: &ModelConfig) -> Result<(), SizeError> {
    let (autoencoder, denoiser) = (&config.autoencoder, &config.denoiser);
    let n_levels = denoiser.channels.len();
    require(n_levels > 0, "denoiser.channels", "empty", || {
        "there must be one level at least".to_owned()
    })?;
    let of_latent = [
        ("autoencoder.latent_mean", autoencoder.latent_mean.len()),
        ("autoencoder.latent_std", autoencoder.latent_std.len()),
    ];
    let of_levels = [
        ("denoiser.encoder_blocks", denoiser.encoder_blocks.len()),
        ("denoiser.decoder_blocks", denoiser.decoder_blocks.len()),
        ("denoiser.map.scales", denoiser.map.scales.len()),
    ];
    for (each, expected, lists) in [
        (
            "channel of the latent",
            autoencoder.d_latent,
            &of_latent[..],
        ),
        ("level of the denoiser", n_levels, &of_levels[..]),
    ] {
        for (field, got) in lists {
            require(*got == expected, field, format!("{got} values"), || {
                format!("there must be one for each {each}, {expected}")
            })?;
        }
    }
    let of_latent = autoencoder.latent_mean.iter();
    let is_finite = of_latent
        .chain(&autoencoder.latent_std)
        .all(|value| value.is_finite());
    let is_spread = autoencoder.latent_std.iter().all(|std| *std > 0.0);
    let got = format!("{:?}", autoencoder.latent_std);
    require(
        is_finite && is_spread,
        "autoencoder.latent_std",
        got,
        || "means are finite and deviations above 0".to_owned(),
    )
}

/// What several networks are told, they are told alike.
fn check_shared(config: &ModelConfig) -> Result<(), SizeError> {
    let known = &config.vocabulary;
    let (planner, mapper, map) = (&config.planner, &config.mapper, &config.denoiser.map);
    let (a, b) = (&config.judge_a.vocabulary, &config.judge_b.vocabulary);
    let classes = ("vocabulary.n_classes", known.n_classes);
    let colours = ("vocabulary.n_colours", known.n_colours);
    let sizes = ("vocabulary.n_sizes", known.n_sizes);
    let states = ("vocabulary.n_states", known.n_states);
    let times = ("vocabulary.n_times", known.n_times);
    let states_and_times = (
        "vocabulary.n_states + n_times",
        known.n_states + known.n_times,
    );
    let features = ("text.d_model", config.text.d_model);
    let latent = ("autoencoder.d_latent", config.autoencoder.d_latent);
    for (field, got, (other, expected)) in [
        ("planner.n_classes", planner.n_classes, classes),
        ("planner.n_colours", planner.n_colours, colours),
        ("planner.n_sizes", planner.n_sizes, sizes),
        ("planner.n_states", planner.n_states, states),
        ("planner.n_times", planner.n_times, times),
        ("planner.d_text", planner.d_text, features),
        ("mapper.n_classes", mapper.n_classes, classes),
        ("mapper.n_sizes", mapper.n_sizes, sizes),
        ("mapper.n_states", mapper.n_states, states),
        ("denoiser.d_latent", config.denoiser.d_latent, latent),
        ("denoiser.d_text", config.denoiser.d_text, features),
        ("denoiser.map.n_classes", map.n_classes, classes),
        ("denoiser.map.n_colours", map.n_colours, colours),
        ("denoiser.map.n_states", map.n_states, states_and_times),
        ("segmenter.n_classes", config.segmenter.n_classes, classes),
        ("judge_a.vocabulary.n_classes", a.n_classes, classes),
        ("judge_a.vocabulary.n_colours", a.n_colours, colours),
        ("judge_a.vocabulary.n_states", a.n_states, states),
        ("judge_a.vocabulary.n_times", a.n_times, times),
        ("judge_b.vocabulary.n_classes", b.n_classes, classes),
        ("judge_b.vocabulary.n_colours", b.n_colours, colours),
        ("judge_b.vocabulary.n_states", b.n_states, states),
        ("judge_b.vocabulary.n_times", b.n_times, times),
    ] {
        require(got == expected, field, got, || {
            format!("`{other}` is {expected}")
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use segue_model::preset::Vocabulary;

    use super::*;

    fn presets() -> [ModelConfig; 3] {
        let vocabulary = Vocabulary {
            n_classes: 32,
            n_colours: 12,
            n_sizes: 4,
            n_states: 9,
            n_times: 3,
        };
        [ModelConfig::nano, ModelConfig::tiny, ModelConfig::base]
            .map(|preset| preset(vocabulary.clone()))
    }

    fn error_after(change: impl FnOnce(&mut ModelConfig)) -> String {
        let [mut config, ..] = presets();
        change(&mut config);
        check(&config).expect_err("it must be refused").to_string()
    }

    #[test]
    fn the_presets_are_sound() {
        for config in presets() {
            assert_eq!(check(&config), Ok(()));
        }
    }

    #[test]
    fn zero_and_absurd_numbers_are_refused_by_name() {
        let error = error_after(|config| config.text.n_layers = 0);
        assert!(error.contains("`text.n_layers` cannot be 0"), "{error}");
        let error = error_after(|config| config.planner.n_bins = usize::MAX);
        assert!(error.contains("`planner.n_bins`"), "{error}");
    }

    #[test]
    fn networks_larger_than_memory_are_refused() {
        let error = error_after(|config| {
            config.judge_b.channels_dilated = 32_768;
        });
        assert!(error.contains("`parameters`"), "{error}");
    }

    #[test]
    fn channels_and_heads_must_divide() {
        let error = error_after(|config| config.denoiser.channels[1] = 40);
        assert!(
            error.contains("`denoiser.channels` cannot be 40"),
            "{error}"
        );
        let error = error_after(|config| config.planner.n_heads = 5);
        assert!(error.contains("`planner.n_heads` cannot be 5"), "{error}");
        let error = error_after(|config| config.autoencoder.patch = 3);
        assert!(error.contains("2 or 4"), "{error}");
    }

    #[test]
    fn lists_have_one_value_for_each() {
        let error = error_after(|config| config.autoencoder.latent_mean = vec![0.0; 3]);
        assert!(error.contains("3 values"), "{error}");
        let error = error_after(|config| config.denoiser.decoder_blocks = vec![1]);
        assert!(error.contains("`denoiser.decoder_blocks`"), "{error}");
        let error = error_after(|config| config.autoencoder.latent_std[0] = 0.0);
        assert!(error.contains("above 0"), "{error}");
    }

    #[test]
    fn what_networks_share_is_the_same_in_all() {
        let error = error_after(|config| config.denoiser.d_latent = 12);
        assert!(error.contains("`autoencoder.d_latent` is 4"), "{error}");
        let error = error_after(|config| config.judge_a.vocabulary.n_states = 8);
        assert!(error.contains("`vocabulary.n_states` is 9"), "{error}");
    }
}
