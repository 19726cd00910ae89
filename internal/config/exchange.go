package config

import "net/url"

// Exchange says whose identity tokens jobs of CI may exchange for tokens of ours.
type Exchange struct {
	// Issuers lists issuers as they name themselves. What jobs of one may do here, owners say.
	Issuers []string `koanf:"issuers"`
	// Audience is what those tokens must be made for; empty is the public URL with the base path.
	Audience string `koanf:"audience"`
}

// checkExchange refuses what names no issuer.
func (c Config) checkExchange() error {
	for _, s := range c.Exchange.Issuers {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return invalid("exchange.issuers", "", "write issuers as https://gitlab.example.com, exactly as they name themselves")
		}
	}
	return nil
}
