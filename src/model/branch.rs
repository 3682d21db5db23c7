//! Keys of a `reviews` block: which branch the patches below are for.
//!
//! Sixteen years of dialects: `icehouse`, `2026.1/gazpacho`, `2024.1/caracal (unmaintained)`,
//! `2023.1/antelope(nova)`, `unmaintained/zed(ironic)`, `bugfix/34.0`, `bugfix/26.0 (ironic)`,
//! `python-keystoneclient-0.7.0`, `master`, `stable/kilo`.

/// What kind of branch a key names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchKind {
    /// A release series, by name, by number, or both.
    Series {
        /// `2026.1`.
        number: Option<String>,
        /// `gazpacho`, in lower case.
        name: Option<String>,
    },
    /// A bug-fix branch: `bugfix/34.0`.
    Bugfix(String),
    /// The development branch.
    Master,
    /// A release of a product: `python-keystoneclient-0.7.0`.
    Release {
        /// `python-keystoneclient`.
        product: String,
        /// `0.7.0`.
        version: String,
    },
}

/// A key as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What it names.
    pub kind: BranchKind,
    /// `stable` or `unmaintained`, where the key is a path of a git branch.
    pub folder: Option<String>,
    /// What stands in brackets behind it: a product, or a word such as `unmaintained`.
    pub qualifier: Option<String>,
    /// What is left of the key without brackets and blanks.
    pub bare: String,
}

/// Words in brackets that say something of a branch; anything else there is a product.
pub const REMARKS: [&str; 7] = [
    "development",
    "master",
    "unmaintained",
    "extended maintenance",
    "end of life",
    "eol",
    "em",
];

impl Branch {
    /// Reads a key. Every text is one: what is nothing else is the name of a series.
    pub fn read(text: &str) -> Branch {
        let text = text.trim();
        let (bare, qualifier) = match text.split_once('(') {
            Some((bare, rest)) => (
                bare.trim(),
                Some(rest.trim_end_matches(')').trim().to_owned()),
            ),
            None => (text, None),
        };
        let (folder, rest) = match bare.split_once('/') {
            Some((folder @ ("stable" | "unmaintained"), rest)) => (Some(folder.to_owned()), rest),
            _ => (None, bare),
        };
        Branch {
            kind: read_kind(rest),
            folder,
            qualifier: qualifier.filter(|text| !text.is_empty()),
            bare: bare.to_owned(),
        }
    }

    /// Returns the product in brackets.
    pub fn product(&self) -> Option<&str> {
        self.qualifier
            .as_deref()
            .filter(|text| !REMARKS.contains(&text.to_lowercase().as_str()))
    }

    /// Returns the remark in brackets.
    pub fn remark(&self) -> Option<&str> {
        self.qualifier
            .as_deref()
            .filter(|text| REMARKS.contains(&text.to_lowercase().as_str()))
    }

    /// Returns name or number of the series.
    pub fn series(&self) -> Option<&str> {
        match &self.kind {
            BranchKind::Series { number, name } => name.as_deref().or(number.as_deref()),
            _ => None,
        }
    }
}

fn read_kind(text: &str) -> BranchKind {
    let lower = text.to_lowercase();
    if matches!(lower.as_str(), "master" | "main" | "trunk") {
        return BranchKind::Master;
    }
    if let Some(version) = lower.strip_prefix("bugfix/") {
        return BranchKind::Bugfix(version.to_owned());
    }
    if let Some((number, name)) = lower.split_once('/')
        && is_number(number)
    {
        return BranchKind::Series {
            number: Some(number.to_owned()),
            name: Some(name.trim().to_owned()),
        };
    }
    if is_number(&lower) {
        return BranchKind::Series {
            number: Some(lower),
            name: None,
        };
    }
    if let Some((product, version)) = lower.rsplit_once('-')
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        return BranchKind::Release {
            product: product.to_owned(),
            version: version.to_owned(),
        };
    }
    BranchKind::Series {
        number: None,
        name: Some(lower),
    }
}

/// Returns whether a text is the number of a series: `2026.1`, or `11.0` of another organisation.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        let branch = Branch::read(text);
        let kind = match &branch.kind {
            BranchKind::Series { number, name } => {
                format!(
                    "series {} {}",
                    number.as_deref().unwrap_or("-"),
                    name.as_deref().unwrap_or("-")
                )
            }
            BranchKind::Bugfix(version) => format!("bugfix {version}"),
            BranchKind::Master => "master".into(),
            BranchKind::Release { product, version } => format!("release {product} {version}"),
        };
        let product = branch
            .product()
            .map(|product| format!(", product {product}"));
        let remark = branch.remark().map(|remark| format!(", remark {remark}"));
        let folder = branch.folder.map(|folder| format!(", folder {folder}"));
        [Some(kind), folder, product, remark]
            .into_iter()
            .flatten()
            .collect()
    }

    #[test]
    fn every_dialect_is_read() {
        for (text, read) in [
            ("icehouse", "series - icehouse"),
            ("2026.1/gazpacho", "series 2026.1 gazpacho"),
            (
                "2024.1/caracal (unmaintained)",
                "series 2024.1 caracal, remark unmaintained",
            ),
            (
                "2023.1/antelope(nova)",
                "series 2023.1 antelope, product nova",
            ),
            (
                "unmaintained/zed(ironic)",
                "series - zed, folder unmaintained, product ironic",
            ),
            ("2025.1", "series 2025.1 -"),
            ("11.0/eleven", "series 11.0 eleven"),
            ("stable/kilo", "series - kilo, folder stable"),
            ("bugfix/26.0 (ironic)", "bugfix 26.0, product ironic"),
            (
                "python-keystoneclient-0.7.0",
                "release python-keystoneclient 0.7.0",
            ),
            (
                "2026.2/hibiscus (development)",
                "series 2026.2 hibiscus, remark development",
            ),
            ("python-glanceclient", "series - python-glanceclient"),
            ("master", "master"),
            ("", "series - "),
        ] {
            assert_eq!(shape(text), read, "{text}");
        }
    }
}
