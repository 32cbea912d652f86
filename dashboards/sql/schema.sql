-- One row for each run, rule and finding of the result files; see load.mjs.
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY,
  report_id TEXT NOT NULL UNIQUE,
  cluster TEXT NOT NULL,
  -- When the evidence was read, seconds since the epoch.
  time INTEGER NOT NULL,
  kubernetes TEXT,
  -- 0 to 100; null where nothing applicable was assessed.
  score_lower REAL,
  score_upper REAL,
  coverage REAL NOT NULL,
  nodes INTEGER NOT NULL,
  nodes_read INTEGER NOT NULL,
  -- The run of this cluster before this one.
  previous INTEGER REFERENCES run (id)
);
CREATE TABLE IF NOT EXISTS rule (
  run INTEGER NOT NULL REFERENCES run (id),
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  severity TEXT NOT NULL,
  -- 0 is critical.
  severity_rank INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  failing INTEGER NOT NULL,
  -- Errors included.
  unknown INTEGER NOT NULL,
  passing INTEGER NOT NULL,
  -- Of those that fail, how many a waiver accepts.
  accepted INTEGER NOT NULL DEFAULT 0,
  -- More than there are rows in finding: the result lists the first ones.
  findings_total INTEGER NOT NULL,
  PRIMARY KEY (run, id)
);
CREATE TABLE IF NOT EXISTS finding (
  run INTEGER NOT NULL REFERENCES run (id),
  rule TEXT NOT NULL,
  unit TEXT NOT NULL,
  namespace TEXT,
  node TEXT,
  outcome TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  message TEXT,
  observed TEXT,
  expected TEXT,
  source TEXT,
  -- Why it could not be told.
  reason TEXT,
  -- The id of the waiver that accepts it; null where none does. The outcome stays.
  waiver TEXT
);
CREATE TABLE IF NOT EXISTS waiver (
  run INTEGER NOT NULL REFERENCES run (id),
  id TEXT NOT NULL,
  -- active, ended, refused or elsewhere; only an active one accepts anything.
  state TEXT NOT NULL,
  owner TEXT NOT NULL,
  approver TEXT,
  reason TEXT NOT NULL,
  ticket TEXT,
  -- The last day on which it counts, as YYYY-MM-DD.
  expires TEXT NOT NULL,
  -- Findings that it accepts, also those beyond the ones that are listed.
  failing INTEGER NOT NULL,
  unknown INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS finding_fingerprint ON finding (run, fingerprint);
-- The last run of each cluster, by the time of its evidence.
CREATE VIEW IF NOT EXISTS latest AS
SELECT * FROM run WHERE id = (SELECT id FROM run AS other WHERE other.cluster = run.cluster ORDER BY time DESC, id DESC LIMIT 1);
