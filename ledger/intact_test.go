package ledger

import "testing"

func TestSchemaSumIsOfTheMigrations(t *testing.T) {
	s := newShop(t)
	if sum, err := schemaOf(s.l.c); err != nil || sum != schemaSum {
		t.Errorf("the migrations make a schema of sum %q, not %q: %v", sum, schemaSum, err)
	}
}

func TestVerifySeesAChangedSchema(t *testing.T) {
	for _, change := range []string{
		"DROP INDEX payments_state",
		"CREATE TRIGGER mine AFTER INSERT ON journal BEGIN SELECT 1; END",
		"DROP TRIGGER journal_update",
	} {
		s := newShop(t)
		s.sold(100)
		if err := s.l.c.exec(change); err != nil {
			t.Fatal(err)
		}
		v, err := Verify(t.Context(), s.opt)
		if err != nil || v.OK || v.Why != WhySchema {
			t.Errorf("%s: %+v, %v", change, v, err)
		}
	}
}
