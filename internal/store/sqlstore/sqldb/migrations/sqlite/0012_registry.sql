-- +goose Up

-- From which registries an organisation runs images, as JSON; empty for no list.
alter table organisation add column registries text not null default '';

-- One vulnerability, where finding_vulnerability does not have it: what ended, and what does not decide.
create index finding_past on finding (vulnerability, package_version_id) where closed_at is not null or not decides;
create index set_history_vulnerability on set_history (vulnerability, set_id);
