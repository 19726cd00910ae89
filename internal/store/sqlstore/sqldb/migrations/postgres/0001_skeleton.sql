-- +goose Up

create table organisation (
    id text collate "C" primary key,
    name text collate "C" not null unique,
    created_at bigint not null
);

-- Results of analysing a layer, shared by all organisations: only what this
-- installation's own analyser read from verified bytes.
create table layer_result (
    diff_id text collate "C" not null,
    analyser text collate "C" not null,
    result bytea not null,
    created_at bigint not null,
    primary key (diff_id, analyser)
);

-- What an analyser found in the content a platform manifest names. The
-- packages hang from here; organisations reach it only through image. The counts
-- are of its packages, and of the open, deciding findings of these by severity; they
-- are kept in step by whatever changes packages or findings, since lists and sums
-- over environments would have to join millions of rows at each call without them.
create table content (
    id bigint primary key,
    packages bigint not null default 0,
    critical bigint not null default 0,
    high bigint not null default 0,
    medium bigint not null default 0,
    low bigint not null default 0,
    unspecified bigint not null default 0,
    analysed_at bigint not null,
    digest text collate "C" not null,
    analyser text collate "C" not null,
    distribution text collate "C" not null,
    problems text collate "C" not null,
    unique (digest, analyser)
);

create table package_version (
    id bigint primary key,
    identity bytea not null unique,
    purl text collate "C" not null,
    type text collate "C" not null,
    name text collate "C" not null,
    version text collate "C" not null,
    ecosystem text collate "C" not null,
    source text collate "C" not null,
    source_version text collate "C" not null,
    use_key text collate "C" not null,
    match_base text collate "C" not null,
    match_name text collate "C" not null,
    match_binary text collate "C" not null, -- the second name advisories may use, or empty
    -- Raised by everything that makes a new match necessary, and never lowered; it is
    -- pending while what was matched is another generation.
    generation bigint not null,
    matched_generation bigint not null,
    matched_at bigint,
    -- Its open, deciding findings by severity, and minus the weight of the worst of them, so
    -- that worse comes first where names are in order, null without one. They are kept in
    -- step by what changes findings, since lists of packages go by them.
    critical bigint not null default 0,
    high bigint not null default 0,
    medium bigint not null default 0,
    low bigint not null default 0,
    unspecified bigint not null default 0,
    worst_first bigint
);
create index package_version_name on package_version (name, type);
create index package_version_worst on package_version (worst_first, name, type) where worst_first is not null;
create index package_version_match on package_version (match_name, match_base);
create index package_version_binary on package_version (match_binary, match_base) where match_binary <> '';
create index package_version_pending on package_version (id) where generation <> matched_generation;

-- A set of packages that one layer brought, with where they lie and their
-- licences. The images of one base, and the tags of one repository, share most of
-- their layers and so most of their sets: a set is stored once, whatever has it.
create table package_set (
    id bigint primary key,
    hash bytea not null unique -- of everything in it
);

create table package_set_package (
    set_id bigint not null references package_set (id) on delete cascade,
    package_version_id bigint not null references package_version (id),
    locations text collate "C" not null,
    licences text collate "C" not null,
    primary key (set_id, package_version_id)
);
create index package_set_package_version on package_set_package (package_version_id, set_id);

-- The packages of a content are those of its sets; no package version is in two of them.
create table content_set (
    content_id bigint not null references content (id) on delete cascade,
    set_id bigint not null references package_set (id),
    primary key (content_id, set_id)
);
create index content_set_set on content_set (set_id, content_id);

create table image (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    content_id bigint references content (id),
    state text collate "C" not null,
    digest text collate "C" not null,
    image_id text collate "C" not null,
    name text collate "C" not null,
    platform text collate "C" not null,
    size bigint not null,
    recorded_at bigint not null,
    reason text collate "C" not null,
    reason_kind text collate "C" not null default '', -- the kind of error behind the reason of a failed analysis
    unique (organisation_id, digest)
);
create index image_name on image (organisation_id, name, digest);
create index image_recorded on image (organisation_id, recorded_at, digest);
create index image_content on image (content_id, organisation_id);

-- The part of an image that is read only with the image itself, apart from it so that
-- lists and joins pass over less.
create table image_config (
    image_id bigint primary key references image (id) on delete cascade,
    config text collate "C" not null
);

-- Every digest an organisation has heard of, be it known of an image or reported
-- by a runtime. Numbers stand for it in the tables that are joined most.
create table digest (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    digest text collate "C" not null,
    unique (organisation_id, digest)
);

-- Every digest known of an image. One index names several images, so the
-- image is part of the key.
create table alias (
    digest_id bigint not null references digest (id),
    image_id bigint not null references image (id) on delete cascade,
    kind text collate "C" not null,
    primary key (digest_id, image_id)
);
create index alias_image on alias (image_id, digest_id);

-- What a reference named, over time.
create table tag (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    repository text collate "C" not null,
    name text collate "C" not null,
    target text collate "C" not null,
    opened_at bigint not null,
    closed_at bigint
);
create unique index tag_open on tag (organisation_id, repository, name) where closed_at is null;

create table analysis_request (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    reference text collate "C" not null,
    platform text collate "C" not null,
    state text collate "C" not null,
    reason text collate "C" not null,
    digest text collate "C" not null,
    created_at bigint not null,
    finished_at bigint
);
create index analysis_request_newest on analysis_request (organisation_id, created_at, id);
create index analysis_request_state on analysis_request (organisation_id, state, created_at, id);

create table advisory (
    id text collate "C" primary key,
    aliases text collate "C" not null,
    upstream text collate "C" not null,
    related text collate "C" not null,
    summary text collate "C" not null,
    severity text collate "C" not null,
    word text collate "C" not null,
    published_at bigint,
    modified_at bigint not null,
    withdrawn_at bigint,
    content_hash bytea not null,
    first_held_at bigint not null,
    imported_at bigint not null
);

create table advisory_affected (
    advisory_id text collate "C" not null references advisory (id) on delete cascade,
    position bigint not null,
    match_base text collate "C" not null,
    match_name text collate "C" not null,
    ecosystem text collate "C" not null,
    name text collate "C" not null,
    detail text collate "C" not null,
    primary key (advisory_id, position)
);
create index advisory_affected_match on advisory_affected (match_name, match_base);

create table advisory_source (
    ecosystem text collate "C" primary key,
    fingerprint text collate "C" not null,
    records bigint not null,
    imported_at bigint not null,
    checked_at bigint not null,
    newest_at bigint
);

-- A package version has a vulnerability by the word of an advisory, over an
-- interval. Of the open findings of one package version and one vulnerability
-- exactly one decides.
create table finding (
    id bigint primary key,
    package_version_id bigint not null references package_version (id),
    vulnerability text collate "C" not null,
    advisory_id text collate "C" not null,
    aliases text collate "C" not null,
    summary text collate "C" not null,
    severity bigint not null,
    cvss_version text collate "C" not null,
    cvss_score double precision not null,
    cvss_vector text collate "C" not null,
    fixed_version text collate "C" not null,
    decides boolean not null,
    opened_at bigint not null,
    opened_by text collate "C" not null,
    closed_at bigint,
    closed_by text collate "C",
    -- Orders findings from bad to worse: the severity, then the score, which has one digit after the point.
    weight bigint generated always as (severity * 1000 + cast(round(cvss_score * 10) as bigint)) stored
);
create unique index finding_open on finding (package_version_id, vulnerability, advisory_id) where closed_at is null;
create index finding_worst on finding (weight, vulnerability, package_version_id) where closed_at is null and decides;
create index finding_vulnerability on finding (vulnerability, weight, package_version_id) where closed_at is null and decides;
create index finding_package on finding (package_version_id, severity) where closed_at is null and decides;
create index finding_opened on finding (opened_at, opened_by, package_version_id) where closed_at is null and decides;

-- Every name a vulnerability was found under: its own, its aliases and the advisories that
-- speak of it. A name is never taken back, so what it leads to must be asked whether it still bears it.
create table vulnerability_name (
    name text collate "C" not null,
    vulnerability text collate "C" not null,
    primary key (name, vulnerability)
);

create table environment (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    name text collate "C" not null,
    created_at bigint not null,
    unique (organisation_id, name)
);

create table integration (
    id text collate "C" primary key,
    number bigint not null unique, -- stands for it in the tables of what runs
    organisation_id text collate "C" not null references organisation (id),
    environment_id bigint not null references environment (id),
    name text collate "C" not null,
    kind text collate "C" not null,
    region text collate "C" not null,
    url text collate "C" not null,
    cluster text collate "C" not null,
    secret bytea not null,
    interval_us bigint not null,
    created_at bigint not null,
    deleted_at bigint,
    requested_at bigint, -- when a person last asked for a sweep
    attempt_at bigint,
    ended_at bigint,
    complete_at bigint,
    next_at bigint not null,
    failing_since bigint,
    connected_since bigint, -- the first of the complete sweeps since the last failure
    paused_at bigint,
    changed_at bigint, -- when it last came to mean another cluster; a sweep that began before saw the old one
    reason text collate "C" not null,
    requests bigint not null
);
create unique index integration_name on integration (organisation_id, name) where deleted_at is null;
create index integration_due on integration (next_at) where deleted_at is null;

-- A distinct set of loaded packages; many containers share one.
create table profile (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    hash text collate "C" not null,
    unique (organisation_id, hash)
);

create table profile_package (
    profile_id bigint not null references profile (id) on delete cascade,
    use_key text collate "C" not null,
    primary key (profile_id, use_key)
);
create index profile_package_key on profile_package (use_key, profile_id);

-- One container of a workload that ran an image, as reported, over an interval.
create table occurrence (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    environment_id bigint not null references environment (id),
    integration_number bigint not null references integration (number),
    digest_id bigint not null references digest (id), -- the image ID as reported
    profile_id bigint references profile (id),
    opened_at bigint not null,
    closed_at bigint,
    cluster text collate "C" not null,
    namespace text collate "C" not null,
    kind text collate "C" not null,
    name text collate "C" not null,
    container text collate "C" not null
);
create unique index occurrence_open on occurrence (integration_number, namespace, kind, name, container, digest_id) where closed_at is null;
create index occurrence_newest on occurrence (organisation_id, opened_at, id);
create index occurrence_environment on occurrence (environment_id, opened_at, id);
create index occurrence_digest on occurrence (digest_id, opened_at, id);
create index occurrence_running on occurrence (digest_id, environment_id, profile_id) where closed_at is null;
create index occurrence_closed on occurrence (environment_id, closed_at) where closed_at is not null;
create index occurrence_name on occurrence (organisation_id, name, namespace, kind) where closed_at is null;
create index occurrence_namespace on occurrence (organisation_id, namespace, name, kind) where closed_at is null;

-- How many open occurrences an integration has of each reported digest: the groups of
-- occurrence, kept in step by sweeps, since there are a hundred times fewer of them. Which
-- image a digest names, and so what belongs to an environment, is not in here: that is
-- derived at each call.
create table running (
    integration_number bigint not null references integration (number),
    digest_id bigint not null references digest (id),
    environment_id bigint not null references environment (id),
    occurrences bigint not null,
    primary key (integration_number, digest_id)
);
create index running_environment on running (environment_id, digest_id);
create index running_digest on running (digest_id, environment_id);

-- People sign in; what each may do hangs from membership. The table of people is called
-- person since "user" is a word of SQL.
create table person (
    id text collate "C" primary key,
    email text collate "C" not null unique, -- lower case
    name text collate "C" not null,
    language text collate "C" not null,
    password text collate "C" not null, -- encoded argon2id hash, or empty
    created_at bigint not null,
    seen_at bigint
);

create table identity (
    provider text collate "C" not null,
    subject text collate "C" not null,
    person_id text collate "C" not null references person (id) on delete cascade,
    created_at bigint not null,
    primary key (provider, subject)
);

create table membership (
    organisation_id text collate "C" not null references organisation (id),
    person_id text collate "C" not null references person (id) on delete cascade,
    role bigint not null,
    created_at bigint not null,
    primary key (organisation_id, person_id)
);
create index membership_person on membership (person_id, organisation_id);

-- Only hashes of what callers present are kept, of tokens as of sessions and links.
create table token (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    person_id text collate "C" references person (id) on delete cascade, -- null for one of the organisation
    name text collate "C" not null,
    hash bytea not null unique,
    scopes text collate "C" not null,
    created_by text collate "C" not null,
    created_at bigint not null,
    expires_at bigint,
    used_at bigint,
    revoked_at bigint
);
create index token_organisation on token (organisation_id, created_at, id);
create index token_person on token (person_id);

create table session (
    hash text collate "C" primary key,
    id text collate "C" not null unique,
    person_id text collate "C" not null references person (id) on delete cascade,
    organisation_id text collate "C" not null references organisation (id),
    address text collate "C" not null,
    agent text collate "C" not null,
    created_at bigint not null,
    used_at bigint not null,
    deadline_at bigint not null,
    expires_at bigint not null
);
create index session_person on session (person_id, used_at);
create index session_expires on session (expires_at);

create table link (
    id text collate "C" primary key,
    hash bytea not null unique,
    kind text collate "C" not null,
    organisation_id text collate "C" not null references organisation (id),
    person_id text collate "C" references person (id) on delete cascade,
    email text collate "C" not null,
    role bigint not null,
    created_by text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index link_organisation on link (organisation_id, kind, created_at);
create index link_expires on link (expires_at);

create table audit (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    at bigint not null,
    actor_kind text collate "C" not null,
    actor_id text collate "C" not null,
    actor_name text collate "C" not null,
    address text collate "C" not null,
    action text collate "C" not null,
    subject text collate "C" not null,
    detail text collate "C" not null
);
create index audit_newest on audit (organisation_id, at, id);
create index audit_actor on audit (organisation_id, actor_name, at, id);
create index audit_action on audit (organisation_id, action, at, id);

-- Attempts to sign in, counted under hashes of addresses and accounts, and keys that are
-- trusted for a time.
create table attempt (
    key text collate "C" primary key,
    count bigint not null,
    blocked_until bigint not null,
    forget_at bigint not null
);
create index attempt_forget on attempt (forget_at);
-- Counts how often a resource changed, so that whoever shows it knows when to read it
-- again. What all organisations share has the empty organisation.
create table revision (
    organisation_id text collate "C" not null,
    resource text collate "C" not null,
    value bigint not null,
    primary key (organisation_id, resource)
);
