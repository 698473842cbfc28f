#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Keeps docs/devnet.md's contract of a server program, and of the node beside them (as `lmm node`), and
# does nothing else: for test_run.sh, which starts many: Perl is there sooner than what else has sockets.
use strict;
use warnings;
use Errno qw(EADDRINUSE EINTR);
use Socket;

my %switches = map { $_ => 1 } qw(--demo --devnet --first-start --rebuild-index --webhook-http --webhook-private-targets);
my $is_node = ($ARGV[0] // '') eq 'node';
my @flags = @ARGV[($is_node ? 3 : 0) .. $#ARGV];
my %flags;
while (defined(my $name = shift @flags)) { $flags{$name} = $switches{$name} ? 1 : shift @flags; }

# The devnet brings its own.
exit 2 if $ENV{LMM_GENESIS} || $ENV{LMM_KEYS};
if (my $folder = $flags{'--write-genesis'}) {
    make_folder($folder);
    write_file("$folder/genesis", '');
    exit 0;
}
my $data = $is_node ? $ARGV[1] : $flags{'--data'};
my ($address, $port) = split /:/, $flags{'--listen'};
make_folder($data);
my @told = (message => 'started', arguments => [@ARGV]);
push @told, index => $ENV{LMM_INDEX} if defined $ENV{LMM_INDEX};
print STDERR object(@told), "\n";
exit 5 if -e "$data/../refuse";

# What a restart has to find again.
write_file("$data/chain", sprintf '%064x', $$) unless -e "$data/chain";

socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in($port, inet_aton($address))) or exit($! == EADDRINUSE ? 3 : 1);
listen($server, 64) or exit($! == EADDRINUSE ? 3 : 1);
($port) = sockaddr_in(getsockname $server);
my ($market) = $data =~ m{([^/]+)/*$};
$SIG{$_} = sub { unlink "$data/ready.json"; exit 0 } for qw(TERM INT);
$SIG{PIPE} = 'IGNORE';
write_file("$data/ready.json.new", object(
    chain_id => read_file("$data/chain"),
    block_interval_ms => \500,
    mnemonic => join(' ', ('word') x 12),
    accounts => [{ role => 'witness-1', address => 'lmm1qqqq', path => "m/44'/0'", balance => '1000.5' }],
    market => $market,
    url => "http://$address:$port",
    api_key => 'demo',
    pid => \$$,
    data_dir => $data));
rename "$data/ready.json.new", "$data/ready.json" or die "rename: $!";

for (;;) {
    accept(my $client, $server) or ($! == EINTR ? next : die "accept: $!");
    my $request = '';
    1 while $request !~ /\r\n\r\n/ && sysread $client, $request, 4096, length $request;
    my ($path) = $request =~ m{^GET (\S+)};
    my $account = ($path // '') =~ m{^/v1/accounts/(.*)} ? $1 : undef;
    # Not what ready.json says, which is of the start.
    my $body = defined $account ? object(address => $account, balance => '999.25') : '';
    my $status = defined $account || ($path // '') eq '/readyz' ? '200 OK' : '404 Not Found';
    syswrite $client, "HTTP/1.1 $status\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}

sub make_folder {
    my $at = '';
    for my $part (split m{/}, shift) { $at .= "$part/"; mkdir $at; }
}
sub write_file {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}
sub read_file {
    open my $file, '<', $_[0] or die "$_[0]: $!";
    local $/;
    return scalar <$file>;
}
# JSON of names and values, in their order: texts, references to numbers, lists, hashes.
sub object {
    my @members;
    while (my ($name, $value) = splice @_, 0, 2) { push @members, json($name) . ':' . json($value); }
    return '{' . join(',', @members) . '}';
}
sub json {
    my $value = shift;
    return '[' . join(',', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return object(map { $_ => $value->{$_} } sort keys %$value) if ref $value eq 'HASH';
    return 0 + $$value if ref $value;
    $value =~ s/(["\\])/\\$1/g;
    return "\"$value\"";
}
