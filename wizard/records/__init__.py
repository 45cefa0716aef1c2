"""DNS records that mail needs: read, edit, count, plan and compare. Look-ups are the resolver's."""
