//! Words that authors use around products and versions.

/// Words of a phrase that speaks of things in general and names no product itself.
pub(super) const GENERAL: [&str; 34] = [
    "all",
    "any",
    "most",
    "some",
    "other",
    "others",
    "possibly",
    "etc",
    "service",
    "services",
    "clients",
    "servers",
    "software",
    "components",
    "users",
    "deployments",
    "deployment",
    "deployers",
    "which",
    "when",
    "where",
    "with",
    "without",
    "that",
    "this",
    "these",
    "is",
    "are",
    "no",
    "not",
    "there",
    "used",
    "running",
    "fix",
];

/// Words around versions and series that say nothing more.
pub(super) const AROUND: [&str; 16] = [
    "release", "releases", "version", "versions", "series", "the", "in", "from", "of", "stable",
    "branch", "branches", "and", "or", "as", "well",
];

/// Parts of a service that documents name with a hyphen, such as `nova-network`.
pub(super) const PARTS: [&str; 14] = [
    "api",
    "network",
    "compute",
    "conductor",
    "scheduler",
    "volume",
    "backup",
    "registry",
    "engine",
    "manage",
    "console",
    "novncproxy",
    "agent",
    "server",
];

/// Labels of lists of products, and of what is affected of them.
pub(super) const PRODUCT_LABELS: [&str; 6] = [
    "service", "services", "product", "products", "project", "projects",
];
pub(super) const VERSION_LABELS: [&str; 6] = [
    "release", "releases", "version", "versions", "series", "branches",
];
