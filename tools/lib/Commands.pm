#
# Commands.pm - command lines in the documents: is what they name there?
#
# check_commands($root, $block) reports each program, verb, flag, preset and
# file of the tree that is not. A program of the system has to be in %FOREIGN:
# a new one is a decision, since readers may lack it.
#
package Commands;

use strict;
use warnings;
use Exporter 'import';
use Headers;

our @EXPORT = qw(is_command check_commands command_lines);

my %FOREIGN = map { $_ => 1 } qw(
    apt-get bpftrace cat cc cd chmod clang-format-19 cp curl do done echo
    else export false fi for gcc git h2load head if jq kill ldd ls make mkdir
    musl-gcc mv node npm openssl perf pkg-config printf pwd python3
    qemu-aarch64 rm sed seq sh sleep sort tail tee test then time touch true
    valgrind wait wc wrk wscat);

my $ASSIGNMENT = qr/[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s;|&])*/;

# A block is of commands if its first line is one, or a prompt with one.
sub is_command {
    my ($text) = @_;
    my ($line) = $text =~ /^(.*)$/m;
    return 1 if $line =~ /^\$ /;
    my ($word, @more) = words($line);
    return 0 if !defined $word || $word =~ /:$/;
    return 1 if $word =~ m{^(?:\./)?(?:go|build/\S+|tools/\w+|tests/\S+)$}
        && $word ne 'go';
    return $word =~ /^(?:cmake|fermata|nice|taskset)$/
        || $FOREIGN{$word} && (!@more || $more[0] !~ /^(?:is|are|has)$/);
}

sub words {
    my ($line) = @_;
    $line =~ s/^(?:$ASSIGNMENT\s+)+//;
    return split ' ', $line;
}

# The commands of a block, with their lines from 0; where there are prompts,
# what stands between them is output.
sub command_lines {
    my ($text) = @_;
    my @lines = split /\n/, $text;
    my $prompts = $text =~ /^\$ /m;
    my @commands;
    for (my $i = 0; $i < @lines; $i++) {
        my $first = $i;
        my $line = $lines[$i];
        next if $prompts && $line !~ s/^\$ //;
        $line =~ s/\\$/ / and $line .= $lines[++$i]
            while $line =~ /\\$/ && $i < $#lines;
        if ($line =~ /<<-?\s*['"]?(\w+)/) {
            my $end = $1;
            $i++ while $i < $#lines && $lines[$i] ne $end;
        }
        push @commands, [$line, $first] if $line =~ /^\s*[^#\s]/;
    }
    return @commands;
}

sub check_commands {
    my ($root, $block) = @_;
    for (command_lines($block->{text})) {
        my ($line, $offset) = @$_;
        my @where = ($block->{path}, $block->{line} + $offset);
        for my $command (simple_commands($line)) {
            my $wrong = wrong_command($root, @$command);
            problem(@where, $wrong) if $wrong;
        }
    }
}

# Words of each program that a line runs; what $(...) runs is one more.
sub simple_commands {
    my ($line) = @_;
    my @inner;
    $line =~ s/(^|\s)#.*$//;
    push @inner, $1 while $line =~ s/\$\(([^()]*)\)/0/;
    $line =~ s/'[^']*'|"[^"]*"/0/g;
    my @commands;
    for (split(/\|\||&&|[;|]|(?<![<>])&(?!\d)/, $line), @inner) {
        s/\d?[<>]+&?\s*\S+//g;
        my @words = words(s/^\s+//r);
        shift @words while @words && $words[0]
            =~ /^(?:sudo|nice|taskset|exec|time|do|then|if|else|while|until
                |!|\(|\)|-[nc]|\d+)$/x;
        @words = words("@words");
        push @commands, \@words if @words && "@words" !~ /^$ASSIGNMENT$/;
    }
    return @commands;
}

# What is wrong with it, or nothing.
sub wrong_command {
    my ($root, $program, @words) = @_;
    return wrong_go($root, @words) if $program =~ m{^(?:\./|\S*/)?go$};
    return wrong_fermata($root, @words)
        if $program =~ m{^(?:\S*/)?fermata$};
    return wrong_cmake($root, @words) if $program eq 'cmake';
    return wrong_packages($root, @words) if $program eq 'pkg-config';
    return wrong_build($root, $1, $2)
        if $program =~ m{^build/(?!bench/)(\w+)/(?:examples|tests|bin)/(\S+)$};
    return -e "$root/bench/ours/$1.c" ? undef : "no program is called $1"
        if $program =~ m{^build/bench/bin/(ours_\w+)$};
    return wrong_script($root, $program, @words)
        if $program =~ m{^(?:tools|tests|bench)/};
    return if $FOREIGN{$program} || $program =~ m{^\./|^\w+/\w+$};
    return "no program is called \"$program\"";
}

sub flags {
    return grep { s/=.*//; /^-/ } map { my $word = $_; $word } @_;
}

# In a usage or a case as it is, in a table of options without its dashes.
sub unknown_flag {
    my ($known, @words) = @_;
    for my $flag (flags(@words)) {
        my $name = $flag =~ s/^-+//r;
        return $flag if $known !~ /(?:(?<![\w-])--?|["'])\Q$name\E\b/;
    }
    return;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}

# A verb's flags are in the help of ./go, or in that of the tool behind it.
sub wrong_go {
    my ($root, $verb, @words) = @_;
    my $go = slurp("$root/go");
    return if !defined $verb;
    return "./go knows no \"$verb\"" if $go !~ /^(?:\w+ \| )*\Q$verb\E\)/m;
    my $known = $go;
    $known .= slurp("$root/$_") for "tools/$verb", "$verb/run";
    $known .= slurp("$root/tools/runtests") if $verb =~ /^(?:test|soak)$/;
    my $flag = unknown_flag($known, @words);
    return "./go $verb knows no $flag" if defined $flag;
    return wrong_preset($root, $words[0])
        if $verb eq 'build' && @words && $words[0] !~ /^-/;
    return;
}

sub wrong_preset {
    my ($root, $preset) = @_;
    return if $preset =~ /^\[?[A-Z]+\b/;
    return if slurp("$root/CMakePresets.json") =~ /"name": "\Q$preset\E"/;
    return "no preset is called \"$preset\"";
}

# The command says in its own help what it knows.
sub wrong_fermata {
    my ($root, $verb, @words) = @_;
    return if !defined $verb;
    my $known = join '', map { slurp($_) } glob "$root/cli/*.c";
    return "fermata knows no \"$verb\"" if $known !~ /\bfermata \Q$verb\E\b/;
    my $flag = unknown_flag($known, @words);
    return defined $flag ? "fermata $verb knows no $flag" : undef;
}

sub wrong_cmake {
    my ($root, @words) = @_;
    for my $i (0 .. $#words - 1) {
        return wrong_preset($root, $words[$i + 1])
            if $words[$i] eq '--preset' && wrong_preset($root, $words[$i + 1]);
    }
    my $known = slurp("$root/CMakeLists.txt");
    for (map { /^-D(FERMATA_\w+)/ } @words) {
        return "no option is called $_" if $known !~ /\b$_\b/;
    }
    return;
}

sub wrong_packages {
    my ($root, @words) = @_;
    for (grep { /^fermata/ } @words) {
        return "no package is called $_" if !-e "$root/cmake/$_.pc.in";
    }
    return;
}

sub wrong_build {
    my ($root, $preset, $name) = @_;
    return if $name eq 'fermata';
    return wrong_preset($root, $preset)
        if $preset ne 'musl' && wrong_preset($root, $preset);
    my @sources = glob "$root/examples/$name.c $root/tests/*/$name.c";
    return (grep { -e $_ } @sources) ? undef : "no program is called $name";
}

sub wrong_script {
    my ($root, $path, @words) = @_;
    return "$path is not there" if !-x "$root/$path";
    my $known = slurp("$root/$path");
    my $flag = unknown_flag($known, @words);
    return defined $flag ? "$path knows no $flag" : undef;
}

1;
