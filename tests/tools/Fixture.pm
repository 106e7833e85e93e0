#
# Fixture.pm - small trees of files for tests of tools, and what tests say
#
# A test makes a tree, runs a tool on it, and checks what came out. The trees
# stand in a directory of their own that is gone at the end.
#
package Fixture;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

our @EXPORT = qw(tree run contents check skip finish);

my $scratch = tempdir('fermata-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($trees, $passed, $failed, $skipped) = (0, 0, 0, 0);

# Writes path => text, ... and returns the folder they stand in.
sub tree {
    my %files = @_;
    my $root = "$scratch/" . ++$trees;
    make_path($root);
    for my $path (sort keys %files) {
        make_path(dirname("$root/$path"));
        open my $out, '>', "$root/$path" or die "$root/$path: $!\n";
        print $out $files{$path};
        close $out or die "$root/$path: $!\n";
    }
    return $root;
}

# The exit status of a command, and all that it printed.
sub run {
    my @command = @_;
    my $pid = open my $from, '-|';
    die "fork: $!\n" if !defined $pid;
    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec @command or exit 127;
    }
    local $/;
    my $output = <$from> // '';
    close $from;
    return ($? >> 8, $output);
}

sub contents {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}

sub check {
    my ($name, $holds, $why) = @_;
    if ($holds) {
        $passed++;
        print "ok $name\n";
        return;
    }
    $failed++;
    $why =~ s/\s*\n\s*/ | /g;
    print "FAIL $name: $why\n";
}

sub skip {
    my ($name, $why) = @_;
    $skipped++;
    print "skip $name: $why\n";
}

sub finish {
    print "$passed passed, $failed failed, $skipped skipped\n";
    exit($failed > 0);
}

1;
