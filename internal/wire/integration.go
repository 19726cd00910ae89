package wire

// IntegrationChange says what of an integration becomes another; what is absent stays.
type IntegrationChange struct {
	Region      *string `json:"region,omitempty" minLength:"1" maxLength:"64" doc:"Needs the token too: a token is never sent to a place it was not given for"`
	URL         *string `json:"url,omitempty" maxLength:"2048" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only with region custom; needs the token too"`
	Token       *string `json:"token,omitempty" minLength:"1" maxLength:"4096" doc:"Risk Spotlight token; stored encrypted, never returned"`
	APIToken    *string `json:"apiToken,omitempty" maxLength:"4096" doc:"Token of an API user; empty removes it"`
	CA          *string `json:"ca,omitempty" maxLength:"65536" doc:"Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom; needs the token too; empty removes them"`
	Cluster     *string `json:"cluster,omitempty" minLength:"1" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"What ran in the one before is closed"`
	Environment *string `json:"environment,omitempty" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9]([A-Za-z0-9._ -]*[A-Za-z0-9._-])?$" patternDescription:"letters, digits, dots, dashes, underscores and blanks, a letter or digit first and no blank last" doc:"What runs moves there now; what ran stays in the history of the one before"`
	Interval    *string `json:"interval,omitempty" minLength:"1" maxLength:"32" doc:"Between sweeps, such as 5m"`
	Paused      *bool   `json:"paused,omitempty" doc:"No sweeps while true; what was seen last stands"`
	AllowEmpty  bool    `json:"allowEmpty,omitempty" doc:"Take another cluster although Sysdig tells of no container there"`
	Analyse     *bool   `json:"analyse,omitempty" doc:"Whether what runs there and is not analysed is analysed by itself, where a connected registry has it"`
}

// Unshared is what may be wrong where Sysdig tells of nothing that runs.
const Unshared = "sharing may be off in the cluster's agent (features.vulnerability_management.in_use.integration_enabled of the chart shield, eveIntegrationEnabled of cluster-scanner, eveConnector.deploy of node-analyzer), or data may take 12 hours after it was switched on"

// NoContainers is what may be wrong where a cluster answers and nothing runs in it.
const NoContainers = "Sysdig tells of no container there: " + Unshared + ", or the name is not the agent's (cluster_config.name of shield, global.clusterConfig.name of older charts)"

// Hook is a webhook that asks for a sweep.
type Hook struct {
	URL    string `json:"url" doc:"Where to call it; by the way this request came if the server was not told its public address"`
	Secret string `json:"secret" doc:"Shown this once; send it as Authorization: Bearer SECRET, or as X-Crowsnest-Hook"`
}
