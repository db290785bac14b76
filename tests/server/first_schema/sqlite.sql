-- What migration 0001 was in the first commit that had a server, as its own code said it on SQLite.
CREATE TABLE audit_log (
    id VARCHAR(36) NOT NULL,
    at BIGINT NOT NULL,
    actor VARCHAR(128) NOT NULL,
    action VARCHAR(128) NOT NULL,
    subject VARCHAR NOT NULL,
    detail TEXT,
    CONSTRAINT pk_audit_log PRIMARY KEY (id)
);
CREATE TABLE dispatches (
    id VARCHAR(36) NOT NULL,
    producer_id BIGINT NOT NULL,
    target VARCHAR(128) NOT NULL,
    "key" VARCHAR(128),
    payload TEXT NOT NULL,
    state VARCHAR(128) NOT NULL,
    due_at BIGINT NOT NULL,
    cursor BIGINT DEFAULT '0' NOT NULL,
    reached BIGINT DEFAULT '0' NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    CONSTRAINT pk_dispatches PRIMARY KEY (id)
);
CREATE INDEX ix_dispatches_due_at ON dispatches (due_at) WHERE state = 'waiting';
CREATE TABLE idempotency_keys (
    producer_id INTEGER NOT NULL,
    "key" VARCHAR(128) NOT NULL,
    request_hash VARCHAR(64) NOT NULL,
    response BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (producer_id, "key")
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE TABLE installation (
    id INTEGER NOT NULL,
    epoch VARCHAR(36) NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_installation PRIMARY KEY (id)
);
CREATE TABLE leases (
    duty VARCHAR(128) NOT NULL,
    holder VARCHAR(128) NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (duty)
);
CREATE TABLE producers (
    id INTEGER NOT NULL,
    name VARCHAR(128) NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    CONSTRAINT pk_producers PRIMARY KEY (id),
    CONSTRAINT uq_producers_name UNIQUE (name)
);
CREATE TABLE users (
    id INTEGER NOT NULL,
    name VARCHAR(128) NOT NULL,
    password_hash VARCHAR,
    subject VARCHAR(128),
    admin BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_name UNIQUE (name),
    CONSTRAINT uq_users_subject UNIQUE (subject)
);
CREATE TABLE applied_actions (
    user_id INTEGER NOT NULL,
    id VARCHAR(36) NOT NULL,
    rev BIGINT NOT NULL,
    status VARCHAR(128) NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_applied_actions PRIMARY KEY (user_id, id),
    CONSTRAINT fk_applied_actions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_applied_actions_at ON applied_actions (at);
CREATE TABLE devices (
    id VARCHAR(36) NOT NULL,
    user_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    platform VARCHAR NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    online_until BIGINT DEFAULT '0' NOT NULL,
    revoked_at BIGINT,
    received_epoch VARCHAR(36),
    received_rev BIGINT NOT NULL,
    received_at BIGINT,
    CONSTRAINT pk_devices PRIMARY KEY (id),
    CONSTRAINT fk_devices_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_devices_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_devices_revoked_at ON devices (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX ix_devices_user_id ON devices (user_id);
CREATE TABLE inboxes (
    user_id INTEGER NOT NULL,
    rev BIGINT DEFAULT '0' NOT NULL,
    floor BIGINT DEFAULT '0' NOT NULL,
    digest BIGINT DEFAULT '0' NOT NULL,
    unread BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_inboxes PRIMARY KEY (user_id),
    CONSTRAINT fk_inboxes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE notifications (
    seq INTEGER NOT NULL,
    id VARCHAR(36) NOT NULL,
    user_id INTEGER NOT NULL,
    producer_id BIGINT NOT NULL,
    dispatch_id VARCHAR(36),
    ver BIGINT NOT NULL,
    crev BIGINT NOT NULL,
    cver BIGINT DEFAULT '1' NOT NULL,
    source VARCHAR(128) NOT NULL,
    type VARCHAR(128) NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT,
    priority VARCHAR(128) NOT NULL,
    "key" VARCHAR(128),
    extra TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT,
    expires_at BIGINT,
    gen BIGINT DEFAULT '0' NOT NULL,
    read INTEGER DEFAULT '0' NOT NULL,
    read_at BIGINT,
    sgen BIGINT DEFAULT '0' NOT NULL,
    seen INTEGER DEFAULT '0' NOT NULL,
    agen BIGINT DEFAULT '0' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    snooze_at BIGINT DEFAULT '0' NOT NULL,
    snooze_op VARCHAR(128) DEFAULT '' NOT NULL,
    snoozed_until BIGINT DEFAULT '0' NOT NULL,
    pin_at BIGINT DEFAULT '0' NOT NULL,
    pin_op VARCHAR(128) DEFAULT '' NOT NULL,
    pinned INTEGER DEFAULT '0' NOT NULL,
    deleted VARCHAR(128) DEFAULT '' NOT NULL,
    deleted_at BIGINT,
    CONSTRAINT pk_notifications PRIMARY KEY (seq),
    CONSTRAINT fk_notifications_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_notifications_id UNIQUE (id)
);
CREATE INDEX ix_notifications_deleted_at ON notifications (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_notifications_dispatch_id ON notifications (dispatch_id) WHERE dispatch_id IS NOT NULL AND deleted = '';
CREATE INDEX ix_notifications_expires_at ON notifications (expires_at) WHERE expires_at IS NOT NULL AND deleted = '';
CREATE INDEX ix_notifications_producer_key ON notifications (producer_id, "key") WHERE key IS NOT NULL AND deleted = '';
CREATE INDEX ix_notifications_snoozed_until ON notifications (snoozed_until) WHERE snoozed_until > 0 AND deleted = '';
CREATE UNIQUE INDEX ix_notifications_user_id_id ON notifications (user_id, id);
CREATE INDEX ix_notifications_user_id_ver_id ON notifications (user_id, ver, id);
CREATE UNIQUE INDEX uq_notifications_live_key ON notifications (user_id, producer_id, "key") WHERE key IS NOT NULL AND deleted = '';
CREATE TABLE producer_keys (
    id VARCHAR(128) NOT NULL,
    producer_id INTEGER NOT NULL,
    secret_hash VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT pk_producer_keys PRIMARY KEY (id),
    CONSTRAINT fk_producer_keys_producer_id FOREIGN KEY(producer_id) REFERENCES producers (id) ON DELETE CASCADE
);
CREATE INDEX ix_producer_keys_producer_id ON producer_keys (producer_id);
CREATE TABLE search_progress (
    user_id INTEGER NOT NULL,
    rev BIGINT NOT NULL,
    CONSTRAINT pk_search_progress PRIMARY KEY (user_id),
    CONSTRAINT fk_search_progress_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE subscriptions (
    topic VARCHAR(128) NOT NULL,
    user_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (topic, user_id),
    CONSTRAINT fk_subscriptions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_subscriptions_user_id ON subscriptions (user_id);
CREATE VIRTUAL TABLE search_index USING fts5(owner, words, tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('0001');
