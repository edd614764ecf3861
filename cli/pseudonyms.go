package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/trust"
)

// Whose pseudonyms: the key of a case derives from the organisation's secret,
// which lies among the keys or in a file that was brought here.

func pseudonymKeyFlag() cli.Flag {
	return stringFlag("pseudonym-key-file", "make pseudonyms with the organisation secret in this `FILE`: a copy of another machine's organisation-NAME.key")
}

// pseudonymSecret reads --pseudonym-key-file; nil when it is not given.
func pseudonymSecret(c *cli.Context) ([]byte, error) {
	path := c.String("pseudonym-key-file")
	if path == "" {
		return nil, nil
	}
	if err := checkFile("--pseudonym-key-file", path); err != nil {
		return nil, err
	}
	secret, err := trust.ReadSecret(path)
	if err != nil {
		return nil, hinted(fileProblem("--pseudonym-key-file", path, err), "a copy of ~/.config/diagcollect/organisation-NAME.key is wanted: 32 bytes in base32")
	}
	return secret, nil
}

// caseKey is the key of a case's pseudonyms: under the secret that was given,
// else under the organisation's own.
func caseKey(home *trust.Home, secret []byte, organisation, caseID string) ([]byte, error) {
	if secret == nil {
		var err error
		if secret, err = home.OrganisationSecret(organisation); err != nil {
			return nil, err
		}
	}
	return trust.CaseKey(secret, organisation, caseID), nil
}

// ownOrganisation is whose cases these are when no endpoint says otherwise.
func (p *program) ownOrganisation(home *trust.Home) (string, error) {
	org, err := p.enrolledOrganisation(home)
	if err == nil && org == "" {
		org = defaultOrganisation
	}
	return org, err
}
