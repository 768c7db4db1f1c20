//! The catalogue: every sentence that people read, in zh-CN and en, from `locales/`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_langneg::{LanguageIdentifier, NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use serde_json::Value;

/// The languages of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Simplified Chinese, zh-CN: what one gets who asks for nothing else.
    #[default]
    Zh,
    /// English, en.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The best of ours for an `Accept-Language` header (RFC 9110); Chinese when nothing fits.
    pub fn negotiate(accept: &str) -> Self {
        let wanted = parse_accepted_languages(&by_weight(accept));
        let ours: Vec<LanguageIdentifier> = Self::ALL.iter().filter_map(|lang| lang.tag().parse().ok()).collect();
        let best = negotiate_languages(&wanted, &ours, None, NegotiationStrategy::Lookup);
        match best.first().map(|tag| tag.language.as_str()) {
            Some("en") => Self::En,
            _ => Self::Zh,
        }
    }
}

/// The languages of an `Accept-Language` header, the dearest first, without those of weight 0 (RFC 9110 §12.5.4).
fn by_weight(accept: &str) -> String {
    let weighed = accept.split(',').map(|one| {
        let mut parts = one.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        (tag, weight.unwrap_or(1.0))
    });
    let mut wanted: Vec<_> = weighed.filter(|(_, weight)| *weight > 0.0).collect();
    wanted.sort_by(|one, other| other.1.total_cmp(&one.1));
    wanted.iter().map(|(tag, _)| *tag).collect::<Vec<_>>().join(",")
}

macro_rules! catalogue {
    ($tag:literal: $($file:literal),+ $(,)?) => {
        [$(include_str!(concat!("../../locales/", $tag, "/", $file, ".ftl"))),+]
    };
}

type Bundle = FluentBundle<FluentResource>;

static ZH: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Zh));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));

/// The source of one language's catalogue, file by file.
pub fn sources(lang: Lang) -> Vec<&'static str> {
    match lang {
        Lang::Zh => {
            catalogue!("zh-CN": "problems", "accounts", "colleges", "people", "organizations", "events").to_vec()
        }
        Lang::En => catalogue!("en": "problems", "accounts", "colleges", "people", "organizations", "events").to_vec(),
    }
}

fn bundle(lang: Lang) -> Bundle {
    let mut bundle = Bundle::new_concurrent(lang.tag().parse().into_iter().collect());
    bundle.set_use_isolating(false);
    for source in sources(lang) {
        // A broken line is a hole in the catalogue, which a test finds; the rest still speaks.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The sentence of a key with its parameters; `None` when the catalogue has no such key.
pub fn say<'a>(lang: Lang, key: &str, params: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Option<String> {
    let bundle: &Bundle = match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let mut args = FluentArgs::new();
    for (name, value) in params {
        let value = match value {
            Value::String(text) => FluentValue::from(text.clone()),
            other => FluentValue::from(other.to_string()),
        };
        args.set(name.clone(), value);
    }
    let mut errors = vec![];
    Some(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
}

/// The label of an enum's value, or the value itself.
pub fn label(lang: Lang, set: &str, value: &str) -> String {
    let key = format!("{set}-{value}").replace('_', "-");
    say(lang, &key, []).unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_negotiated() {
        assert_eq!(Lang::negotiate("en-US,en;q=0.9"), Lang::En);
        assert_eq!(Lang::negotiate("zh-TW"), Lang::Zh);
        assert_eq!(Lang::negotiate("fr, en;q=0.5"), Lang::En);
        assert_eq!(Lang::negotiate("fr"), Lang::Zh);
        assert_eq!(Lang::negotiate(""), Lang::Zh);
        assert_eq!(Lang::negotiate("zh-CN;q=0.1, en;q=0.9"), Lang::En);
        assert_eq!(Lang::negotiate("en;q=0"), Lang::Zh);
    }

    #[test]
    fn both_catalogues_have_the_same_keys() {
        let keys = |lang| {
            let mut keys: Vec<_> = sources(lang)
                .iter()
                .flat_map(|source| source.lines())
                .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
                .filter(|key| !key.starts_with([' ', '#']))
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(Lang::Zh), keys(Lang::En));
        assert!(keys(Lang::En).len() > 50);
    }
}
